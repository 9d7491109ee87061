import { useTranslation } from "react-i18next";
import { usePages } from "../../api/hooks";
import type { WorkItemKind } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { FilterBy, useFilters } from "../lists/Filters";
import { Panels } from "../lists/Panels";
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
  "RECORDS_DIFFER",
];

/** What needs a person: what is open, the oldest first, and what was decided. */
export default function WorkItems() {
  const { t } = useTranslation("admin");
  const filters = useFilters();
  const kind = filters.one("kind", kinds);
  const open = filters.get("state") !== "resolved";
  const pages = usePages(WorkListDocument, { first: 20, where: { open, kind: kind ? [kind] : null } }, ({ workItems }) => workItems);
  return (
    <Page title={t("section.work")}>
      <div className="filters">
        <FilterBy filters={filters} name="state" label={t("work.show")} any={t("work.open")} options={[["resolved", t("work.resolved")]]} />
        <FilterBy filters={filters} name="kind" label={t("work.kind")} any={t("lists.any")} options={kinds.map((one) => [one, t(`workKind.${one}`)])} />
      </div>
      <Panels none={t("work.none")} pages={pages} of={(item) => <WorkCard item={item} done={pages.refresh} />} />
    </Page>
  );
}
