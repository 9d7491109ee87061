import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/hooks";
import type { RefundStatus } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing } from "../../shell/States";
import { FilterBy, useFilters } from "../lists/Filters";
import { RefundCard } from "./RefundCard";
import { RefundQueueDocument } from "./refunds.generated";

const statuses: RefundStatus[] = ["REQUESTED", "PROCESSING", "FAILED", "DISPUTED", "SUCCEEDED", "REJECTED", "WITHDRAWN", "DISPUTE_WON"];

/** Refunds: those that wait for a decision to begin with. */
export default function RefundQueue() {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const filters = useFilters();
  const status = filters.one("status", statuses) ?? (filters.get("status") === "ALL" ? null : "REQUESTED");
  const { nodes, failure, loading, more, again, refresh } = usePages(RefundQueueDocument, { first: 20, status }, ({ refundRequests }) => refundRequests);
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
      {!nodes && !failure && <Loading lines={8} />}
      {nodes?.length === 0 && <Nothing text={t("refunds.none")} />}
      <div className="items">
        {nodes?.map((refund) => (
          <div key={refund.id} className="panel">
            <RefundCard refund={refund} done={refresh} />
          </div>
        ))}
      </div>
      {failure && <Failed failure={failure} again={again} />}
      {more && nodes && !failure && (
        <Button block loading={loading} onClick={more}>
          {shell("states.more")}
        </Button>
      )}
    </Page>
  );
}
