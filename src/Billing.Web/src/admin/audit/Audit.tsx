import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { Page } from "../../shell/Page";
import { AccountLink, OrderLink } from "../links";
import { TypedFilters, useFilters } from "../lists/Filters";
import { Listing } from "../lists/Listing";
import { AuditTrailDocument } from "./audit.generated";

/** What administrators did, with their notes and what it changed. */
export default function Audit() {
  const { t } = useTranslation("admin");
  const filters = useFilters();
  const day = (name: string, after = 0) => {
    const at = filters.get(name) ? new Date(`${filters.get(name)}T00:00`) : null;
    if (!at || Number.isNaN(at.getTime())) return null;
    at.setDate(at.getDate() + after);
    return at.toISOString();
  };
  const where = { actor: filters.get("actor") || null, noun: filters.get("noun") || null, key: filters.get("key") || null, from: day("from"), to: day("to", 1) };
  // An act has no id of its own; its place in the list is one.
  const pages = usePages(AuditTrailDocument, { first: 30, where }, ({ audit }) => ({ nodes: audit.edges.map(({ cursor, node }) => ({ ...node, id: cursor })), pageInfo: audit.pageInfo }));
  return (
    <Page title={t("section.audit")}>
      <TypedFilters
        filters={filters}
        fields={[
          { name: "actor", label: t("audit.actor") },
          { name: "noun", label: t("audit.noun") },
          { name: "key", label: t("audit.key") },
          { name: "from", label: t("orders.from"), type: "date" },
          { name: "to", label: t("orders.to"), type: "date" },
        ]}
      />
      <Listing
        title={t("section.audit")}
        none={t("audit.none")}
        pages={pages}
        columns={[
          { name: t("audit.at"), of: ({ at }) => <Moment at={at} /> },
          { name: t("audit.actor"), of: ({ actor }) => actor },
          { name: t("audit.what"), of: ({ what }) => <code>{what}</code> },
          { name: t("audit.key"), of: ({ noun, key }) => <Thing noun={noun} id={key} /> },
          { name: t("audit.note"), of: ({ note }) => note ?? "–" },
          {
            name: t("audit.changes"),
            of: ({ changes, data }) => (
              <details>
                <summary>{changes.length > 0 ? changes.map(({ field }) => field).join(", ") : t("audit.event")}</summary>
                {changes.length > 0 && (
                  <ul>
                    {changes.map(({ field, before, after }) => (
                      <li key={field}>
                        <code>{field}</code>: <del>{before ?? "–"}</del> → <ins>{after ?? "–"}</ins>
                      </li>
                    ))}
                  </ul>
                )}
                <pre tabIndex={0} role="group" aria-label={t("audit.event")}>
                  {data}
                </pre>
              </details>
            ),
          },
        ]}
      />
    </Page>
  );
}

function Thing({ noun, id }: { noun: string; id: string }) {
  // An export is of many.
  if (id === "") return noun;
  if (noun === "order") return <OrderLink number={id} />;
  if (noun === "account") return <AccountLink accountId={id} />;
  if (noun === "plan") return <Link to={`/admin/plans/${id}`}>{id}</Link>;
  return (
    <>
      {noun} <code>{id}</code>
    </>
  );
}
