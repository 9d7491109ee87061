import { useTranslation } from "react-i18next";
import { usePages } from "../../api/hooks";
import type { RefundStatus } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { FilterBy, useFilters } from "../lists/Filters";
import { Panels } from "../lists/Panels";
import { RefundCard } from "./RefundCard";
import { RefundQueueDocument } from "./refunds.generated";

const statuses: RefundStatus[] = ["REQUESTED", "PROCESSING", "FAILED", "DISPUTED", "SUCCEEDED", "REJECTED", "WITHDRAWN", "DISPUTE_WON"];

/** Refunds: those that wait for a decision to begin with. */
export default function RefundQueue() {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const filters = useFilters();
  const status = filters.one("status", statuses) ?? (filters.get("status") === "ALL" ? null : "REQUESTED");
  const pages = usePages(RefundQueueDocument, { first: 20, status }, ({ refundRequests }) => refundRequests);
  return (
    <Page title={t("section.refunds")}>
      <div className="filters">
        <FilterBy
          filters={filters}
          name="status"
          label={t("refunds.show")}
          any={t("refunds.waiting")}
          options={[...statuses.slice(1).map((one) => [one, shell(`refundStatus.${one}`)] as const), ["ALL", t("lists.any")]]}
        />
      </div>
      <Panels none={t("refunds.none")} pages={pages} of={(refund) => <RefundCard refund={refund} done={pages.refresh} />} />
    </Page>
  );
}
