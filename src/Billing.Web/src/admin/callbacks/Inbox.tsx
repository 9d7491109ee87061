import { useTranslation } from "react-i18next";
import { useAsk, usePages } from "../../api/hooks";
import type { CallbackOutcome } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { Nothing } from "../../shell/States";
import { FilterBy, TypedFilters, useFilters } from "../lists/Filters";
import { OrderFiltersDocument } from "../orders/orders.generated";
import { CallbackList } from "./CallbackList";
import { CallbackInboxDocument } from "./callbacks.generated";

const outcomes: CallbackOutcome[] = ["STORED", "KNOWN", "IGNORED", "REJECTED", "STRANGER", "TRY_AGAIN"];

/** What providers called with, of all orders. */
export default function Inbox() {
  const { t } = useTranslation("admin");
  const filters = useFilters();
  const { data } = useAsk(OrderFiltersDocument, {});
  const outcome = filters.one("outcome", outcomes) ?? null;
  const where = { outcome, methodId: filters.get("method") || null, orderNumber: filters.get("order") || null };
  const pages = usePages(CallbackInboxDocument, { first: 20, where }, ({ callbacks }) => callbacks);
  return (
    <Page title={t("section.callbacks")}>
      <TypedFilters filters={filters} fields={[{ name: "order", label: t("orders.number") }]} />
      <div className="filters">
        <FilterBy filters={filters} name="outcome" label={t("callbacks.outcome")} any={t("lists.any")} options={outcomes.map((one) => [one, t(`outcome.${one}`)])} />
        <FilterBy filters={filters} name="method" label={t("orders.method")} any={t("lists.any")} options={(data?.paymentMethods ?? []).map(({ id, name }) => [id, name])} />
      </div>
      {pages.nodes?.length === 0 ? (
        <Nothing text={t("callbacks.none")} />
      ) : (
        <div className="panel">
          <CallbackList pages={pages} done={pages.refresh} />
        </div>
      )}
    </Page>
  );
}
