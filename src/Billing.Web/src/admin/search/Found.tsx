import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { useAsk } from "../../api/hooks";
import { useFigures } from "../../figures/useFigures";
import { RefundTag, StatusTag } from "../../orders/StatusTag";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing } from "../../shell/States";
import { AccountLink, OrderLink } from "../links";
import { AdminSearchDocument, type AdminSearchQuery } from "./search.generated";

/** What the box found. */
export default function Found() {
  const { t } = useTranslation("admin");
  const state = useLocation().state as { text?: string } | null;
  const text = state?.text ?? "";
  const { data, failure, again } = useAsk(AdminSearchDocument, { text }, text === "");
  return (
    <Page title={t("search.title")}>
      {text === "" && <Nothing text={t("search.nothingAsked")} />}
      {failure && <Failed failure={failure} again={again} />}
      {text !== "" && !data && !failure && <Loading />}
      {data?.adminSearch.length === 0 && <Nothing text={t("search.none", { text })} />}
      {data && data.adminSearch.length > 0 && (
        <ul className="panel rows" aria-label={t("search.title")}>
          {data.adminSearch.map((hit) => (
            <li key={hit.id}>
              <span>
                <small>{t(`search.noun.${hit.__typename}`)}</small>
                <Hit hit={hit} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function Hit({ hit }: { hit: AdminSearchQuery["adminSearch"][number] }) {
  const { t } = useTranslation("admin");
  const { money, credits } = useFigures();
  switch (hit.__typename) {
    case "Account":
      return (
        <>
          <AccountLink accountId={hit.accountId} /> · {t("credits", { credits: credits(hit.credits) })}
        </>
      );
    case "CodeBatch":
      return (
        <>
          <Link to={`/admin/codes/${encodeURIComponent(hit.id)}`}>{hit.name}</Link> · {t(`batchStatus.${hit.batchStatus}`)}
        </>
      );
    case "Order":
      return (
        <>
          <OrderLink number={hit.number} /> · {hit.plan.name} · {money(hit.amount)} <StatusTag status={hit.orderStatus} />
        </>
      );
    case "RedemptionCode":
      return (
        <>
          <Link to="/admin/codes/one" state={{ code: hit.id }}>
            <code>{hit.masked}</code>
          </Link>{" "}
          · {t(`codeStatus.${hit.codeStatus}`)} · {hit.batch.name}
        </>
      );
    case "Refund":
      return (
        <>
          <OrderLink number={hit.order.number} /> · {money(hit.amount)} <RefundTag status={hit.refundStatus} />
        </>
      );
    case "WorkItem":
      return (
        <>
          {t(`workKind.${hit.kind}`)}: {hit.detail} {hit.about ? <OrderLink number={hit.about.number} /> : <Link to="/admin/work">{t("section.work")}</Link>}
        </>
      );
  }
}
