import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/hooks";
import type { WorkItemKind } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing } from "../../shell/States";
import { FilterBy, useFilters } from "../lists/Filters";
import { WorkCard } from "./WorkCard";
import { WorkListDocument } from "./work.generated";

export const kinds: WorkItemKind[] = [
  "AMOUNT_MISMATCH",
  "LATE_PAYMENT",
  "DUPLICATE_PAYMENT",
  "UNKNOWN_ORDER",
  "FULFILMENT_STUCK",
  "REFUND_FAILED",
  "DISPUTE",
  "PROVIDER_SILENT",
];

/** What needs a person: what is open, the oldest first, and what was decided. */
export default function WorkItems() {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const filters = useFilters();
  const kind = filters.one("kind", kinds);
  const open = filters.get("state") !== "resolved";
  const { nodes, failure, loading, more, again, refresh } = usePages(WorkListDocument, { first: 20, where: { open, kind: kind ? [kind] : null } }, ({ workItems }) => workItems);
  return (
    <Page title={t("section.work")}>
      <div className="filters">
        <FilterBy filters={filters} name="state" label={t("work.show")} any={t("work.open")} options={[["resolved", t("work.resolved")]]} />
        <FilterBy filters={filters} name="kind" label={t("work.kind")} any={t("lists.any")} options={kinds.map((one) => [one, t(`workKind.${one}`)])} />
      </div>
      {!nodes && !failure && <Loading lines={8} />}
      {nodes?.length === 0 && <Nothing text={t("work.none")} />}
      <div className="items">
        {nodes?.map((item) => (
          <div key={item.id} className="panel">
            <WorkCard item={item} done={refresh} />
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
