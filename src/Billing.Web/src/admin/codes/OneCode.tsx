import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { useAsk } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { Grants } from "../../grants/Grants";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing, Trouble } from "../../shell/States";
import { Act } from "../acts/Act";
import { AccountLink } from "../links";
import { Facts } from "../lists/Listing";
import { DisableCodesDocument, OneCodeDocument } from "./codes.generated";
import { Redemptions } from "./Redemptions";
import { CodeTag } from "./tags";

/** One code: whether it can be redeemed, who did, and its end. */
export function OneCode() {
  const { t } = useTranslation("admin");
  const state = useLocation().state as { code?: string } | null;
  const code = state?.code ?? "";
  const { data, failure, again } = useAsk(OneCodeDocument, { code }, code === "");
  const found = data?.redemptionCode;
  return (
    <Page title={t("codes.code")} aside={<Link to="/admin/codes">{t("codes.every")}</Link>}>
      {code === "" && <Nothing text={t("search.nothingAsked")} />}
      {failure && <Failed failure={failure} again={again} />}
      {code !== "" && !data && !failure && <Loading />}
      {found === null && <Trouble text={t("codes.noSuchCode")} />}
      {found && (
        <>
          <section className="panel" aria-labelledby="facts">
            <h2 id="facts">
              <code>{found.masked}</code> <CodeTag status={found.status} />
            </h2>
            <Facts
              of={[
                [t("codes.batch"), <Link key="batch" to={`/admin/codes/${encodeURIComponent(found.batch.id)}`}>{found.batch.name}</Link>],
                [t("codes.grants"), <Grants key="grants" grants={found.batch.grants} />],
                [t("codes.remaining"), found.remainingRedemptions],
                found.assignedTo && [t("codes.assignedTo"), <AccountLink key="assigned" accountId={found.assignedTo.accountId} />],
                [t("codes.created"), <Moment key="created" at={found.createdAt} />],
              ]}
            />
            {found.status === "ACTIVE" && (
              <Act
                name={t("codes.disable")}
                danger
                note="needed"
                mutation={DisableCodesDocument}
                pick={({ disableRedemptionCodes }) => disableRedemptionCodes}
                input={(form) => ({ input: { code: { code: found.id, note: form.written("note") } } })}
                says={t("codes.disables", { masked: found.masked })}
                done={again}
              />
            )}
          </section>
          <h2 className="next">{t("codes.redemptions")}</h2>
          <Redemptions pages={{ nodes: found.redemptions.nodes }} done={again} />
        </>
      )}
    </Page>
  );
}
