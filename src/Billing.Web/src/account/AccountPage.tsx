import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ask } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn, usePages } from "../api/hooks";
import { watch } from "../api/watch";
import { Moment } from "../figures/Moment";
import { useFigures } from "../figures/useFigures";
import { Page } from "../shell/Page";
import { Failed, Loading, Nothing, SignInFirst } from "../shell/States";
import { useSession } from "../shell/session";
import { AccountChangedDocument, MyAccountDocument, MyLedgerDocument, type BalanceFragment } from "./account.generated";
import { originOf } from "./origin";
import "./account.css";

/** What the signed-in account holds, live, and how that came. */
export default function AccountPage() {
  const { t } = useTranslation();
  const { person, ended } = useSession();
  return <Page title={t("account.title")}>{person || ended ? <Account /> : <SignInFirst text={t("account.signIn")} />}</Page>;
}

function useAccount() {
  const { i18n } = useTranslation();
  const [account, setAccount] = useState<BalanceFragment | null>();
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stale = false;
    let stop: (() => void) | undefined;
    const take = (fresh: BalanceFragment) => stale || setAccount((before) => (before && before.version > fresh.version ? before : fresh));
    const read = async () => {
      const { me } = await ask(MyAccountDocument, {});
      if (me) take(me);
      else if (!stale) setAccount(null);
    };
    setFailure(undefined);
    read().then(
      () => {
        if (!stale) stop = watch(AccountChangedDocument, {}, ({ accountChanged }) => take(accountChanged), read);
      },
      (error: unknown) => stale || setFailure(failureIn(error)),
    );
    return () => {
      stale = true;
      stop?.();
    };
  }, [round, i18n.language]);
  return { account, failure, again: () => setRound((before) => before + 1) };
}

function Account() {
  const { t } = useTranslation();
  const { account, failure, again } = useAccount();
  if (account === undefined) return failure ? <Failed failure={failure} again={again} /> : <Loading lines={6} />;
  if (account === null) return <SignInFirst text={t("account.signIn")} />;
  return (
    <div className="account">
      <Balance account={account} />
      <section aria-labelledby="ledger">
        <h2 id="ledger">{t("account.ledger")}</h2>
        <Ledger key={account.version} />
      </section>
    </div>
  );
}

function Balance({ account }: { account: BalanceFragment }) {
  const { t } = useTranslation();
  const { credits, day } = useFigures();
  return (
    <div className="column">
      <section className="panel balance" aria-labelledby="balance">
        <h2 id="balance">{t("account.balance")}</h2>
        <p role="status">
          <strong>{credits(account.credits)}</strong> {t("account.credits")}
        </p>
        <Link className="go" to="/purchase">
          {t("account.buy")}
        </Link>
      </section>
      {account.entitlements.length > 0 && (
        <section className="panel" aria-labelledby="tiers">
          <h2 id="tiers">{t("account.tiers")}</h2>
          <ul className="rows">
            {account.entitlements.map(({ tier, startedAt, expiresAt, active }) => (
              <li key={tier + startedAt}>
                <span className={`tag ${active ? "good" : "plain"}`}>{tier}</span>
                <span>
                  {active
                    ? t("account.runs", { at: day(expiresAt) })
                    : Date.parse(startedAt) > Date.now()
                      ? t("account.begins", { from: day(startedAt), at: day(expiresAt) })
                      : t("account.over", { at: day(expiresAt) })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="panel" aria-labelledby="buckets">
        <h2 id="buckets">{t("account.buckets")}</h2>
        {account.creditBuckets.length === 0 && <p className="quiet">{t("account.noBuckets")}</p>}
        <ul className="rows">
          {account.creditBuckets.map(({ source, granted, remaining, expiresAt }, at) => (
            <li key={`${source} ${at}`}>
              <span>
                <Origin source={source} />
                <small>{expiresAt ? t("account.lapses", { at: day(expiresAt) }) : t("account.never")}</small>
              </span>
              <span className="figure">{t("account.of", { remaining: credits(remaining), granted: credits(granted) })}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** Where credits come from; an order can be looked at. */
function Origin({ source }: { source: string }) {
  const { t } = useTranslation();
  const { kind, rest } = originOf(source);
  if (kind === "order") return <Link to={`/orders/${rest}`}>{t("account.source.order", { rest })}</Link>;
  return t(`account.source.${kind}`);
}

function Ledger() {
  const { t } = useTranslation();
  const { credits } = useFigures();
  const { nodes, failure, loading, more, again } = usePages(MyLedgerDocument, { first: 20 }, ({ me }) => me?.ledger);
  if (failure && !nodes) return <Failed failure={failure} again={again} />;
  if (!nodes) return <Loading lines={6} />;
  if (nodes.length === 0) return <Nothing text={t("account.noLedger")} />;
  return (
    <>
      <ul className="rows panel">
        {nodes.map((entry) => (
          <li key={entry.id}>
            <span>
              <strong>{t(`ledger.${entry.kind}`)}</strong> {entry.note}
              <small>
                <Moment at={entry.at} />
              </small>
            </span>
            <span className="figure">
              <strong className={entry.credits.startsWith("-") ? "" : "gain"}>
                {entry.credits.startsWith("-") ? "" : "+"}
                {credits(entry.credits)}
              </strong>
              <small>{t("account.after", { credits: credits(entry.balanceAfter) })}</small>
            </span>
          </li>
        ))}
      </ul>
      {failure && <Failed failure={failure} again={again} />}
      {more && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}
