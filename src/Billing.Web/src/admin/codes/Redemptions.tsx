import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Failure } from "../../api/failure";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import { Grants } from "../../grants/Grants";
import { Act } from "../acts/Act";
import { AccountLink } from "../links";
import { Listing } from "../lists/Listing";
import { ReverseRedemptionDocument, type RedeemedLineFragment } from "./codes.generated";

interface Pages {
  nodes: readonly RedeemedLineFragment[] | undefined;
  failure?: Failure | undefined;
  loading?: boolean;
  more?: (() => void) | undefined;
  again?: () => void;
}

/** What was redeemed, and taking it back. */
export function Redemptions({ pages, done }: { pages: Pages; done: () => void }) {
  const { t } = useTranslation("admin");
  const { moment, credits } = useFigures();
  return (
    <Listing
      title={t("codes.redemptions")}
      none={t("codes.noRedemptions")}
      pages={pages}
      columns={[
        { name: t("codes.code"), of: ({ code, masked }) => (code ? <Link to="/admin/codes/one" state={{ code: code.id }}><code>{masked}</code></Link> : <code>{masked}</code>) },
        { name: t("orders.account"), of: ({ account }) => <AccountLink accountId={account.accountId} /> },
        { name: t("codes.when"), of: ({ at }) => <Moment at={at} /> },
        { name: t("codes.grants"), of: ({ grants }) => <Grants grants={grants} /> },
        {
          name: t("codes.reversed"),
          of: (redemption) =>
            redemption.reversedAt ? (
              t("codes.tookBack", { at: moment(redemption.reversedAt), credits: credits(redemption.takenBack ?? "0"), spent: credits(redemption.alreadySpent ?? "0") })
            ) : (
              <Act
                name={t("codes.reverse")}
                label={t("codes.reverseOne", { masked: redemption.masked, account: redemption.account.accountId })}
                danger
                note="needed"
                mutation={ReverseRedemptionDocument}
                pick={({ reverseRedemption }) => reverseRedemption}
                input={(form, key) => ({ input: { redemptionId: redemption.id, expectedVersion: redemption.version, idempotencyKey: key, note: form.written("note") } })}
                says={
                  <>
                    <p>{t("codes.reverses", { account: redemption.account.accountId })}</p>
                    <Grants grants={redemption.grants} />
                  </>
                }
                result={({ takenBack, takenBackDays, alreadySpent }) => t("codes.cameBack", { credits: credits(takenBack ?? "0"), days: takenBackDays, spent: credits(alreadySpent ?? "0") })}
                done={done}
              />
            ),
        },
      ]}
    />
  );
}
