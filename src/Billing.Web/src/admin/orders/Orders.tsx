import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { useAsk, usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { toMinorUnits } from "../../figures/figures";
import { useFigures } from "../../figures/useFigures";
import { RefundTag, StatusTag } from "../../orders/StatusTag";
import type { OrderFilter, OrderStatus, RefundStatus } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { Download } from "../lists/Download";
import { AccountLink, OrderLink } from "../links";
import { FilterBy, TypedFilters, useFilters } from "../lists/Filters";
import { Listing } from "../lists/Listing";
import { OneOrder } from "./OneOrder";
import { AdminOrdersDocument, ExportOrdersDocument, OrderFiltersDocument } from "./orders.generated";

const statuses: OrderStatus[] = ["AWAITING_PAYMENT", "PROCESSING", "COMPLETED", "EXPIRED", "CANCELLED", "ON_HOLD", "PARTIALLY_REFUNDED", "REFUNDED"];
const refundStatuses: RefundStatus[] = ["REQUESTED", "PROCESSING", "SUCCEEDED", "REJECTED", "WITHDRAWN", "FAILED"];

/** Every order, and one of them. */
export default function Orders() {
  return (
    <Routes>
      <Route path="/" element={<Every />} />
      <Route path=":number" element={<OneOrder />} />
    </Routes>
  );
}

function Every() {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const { money } = useFigures();
  const filters = useFilters();
  const { data } = useAsk(OrderFiltersDocument, {});
  const currency = /^[A-Z]{3}$/.test(filters.get("currency")) ? filters.get("currency") : "CNY";
  const where = filterOf(filters.get, currency);
  const search = filters.get("search") || null;
  const pages = usePages(AdminOrdersDocument, { first: 20, where, search }, ({ orders }) => orders);
  return (
    <Page title={t("section.orders")} aside={<Download name={t("orders.export")} query={ExportOrdersDocument} variables={{ where }} pick={({ ordersExportUrl }) => ordersExportUrl} />}>
      <TypedFilters
        filters={filters}
        fields={[
          { name: "search", label: t("orders.search") },
          { name: "account", label: t("orders.account") },
          { name: "reference", label: t("orders.reference") },
          { name: "from", label: t("orders.from"), type: "date" },
          { name: "to", label: t("orders.to"), type: "date" },
          { name: "least", label: t("orders.least") },
          { name: "most", label: t("orders.most") },
          { name: "currency", label: t("orders.currency") },
        ]}
      />
      <div className="filters">
        <FilterBy filters={filters} name="status" label={t("orders.status")} any={t("lists.any")} options={statuses.map((one) => [one, shell(`status.${one}`)])} />
        <FilterBy filters={filters} name="refund" label={t("orders.refund")} any={t("lists.any")} options={refundStatuses.map((one) => [one, shell(`refundStatus.${one}`)])} />
        <FilterBy filters={filters} name="plan" label={t("orders.plan")} any={t("lists.any")} options={(data?.plans ?? []).map(({ slug, name }) => [slug, name])} />
        <FilterBy filters={filters} name="method" label={t("orders.method")} any={t("lists.any")} options={(data?.paymentMethods ?? []).map(({ id, name }) => [id, name])} />
      </div>
      <Listing
        title={t("section.orders")}
        none={t("orders.none")}
        pages={pages}
        columns={[
          { name: t("orders.number"), of: ({ number }) => <OrderLink number={number} /> },
          { name: t("orders.placed"), of: ({ createdAt }) => <Moment at={createdAt} /> },
          { name: t("orders.account"), of: ({ account }) => <AccountLink accountId={account.accountId} /> },
          { name: t("orders.plan"), of: ({ plan }) => plan.name },
          { name: t("orders.amount"), of: ({ amount }) => money(amount), figure: true },
          { name: t("orders.method"), of: ({ payment }) => payment?.method.name ?? "–" },
          { name: t("orders.status"), of: ({ status }) => <StatusTag status={status} /> },
          { name: t("orders.refund"), of: ({ refundStatus }) => (refundStatus === "NONE" ? "–" : <RefundTag status={refundStatus} />) },
        ]}
      />
    </Page>
  );
}

function filterOf(get: (name: string) => string, currency: string): OrderFilter {
  const amount = (name: string) => {
    const minorUnits = toMinorUnits(get(name), currency);
    return minorUnits === null ? null : { minorUnits, currency };
  };
  const day = (name: string, after = 0) => {
    const at = get(name) ? new Date(`${get(name)}T00:00`) : null;
    if (!at || Number.isNaN(at.getTime())) return null;
    at.setDate(at.getDate() + after);
    return at.toISOString();
  };
  // An empty list of what may be would find nothing.
  const chosen = <Value extends string>(name: string, of: readonly Value[]) => of.filter((one) => one === get(name)).map((one) => [one])[0] ?? null;
  return {
    status: chosen("status", statuses),
    refundStatus: chosen("refund", refundStatuses),
    accountId: get("account") || null,
    planSlug: get("plan") || null,
    methodId: get("method") || null,
    providerReference: get("reference") || null,
    createdFrom: day("from"),
    // The last day counts as a whole.
    createdTo: day("to", 1),
    minimumAmount: amount("least"),
    maximumAmount: amount("most"),
  };
}
