import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate, useParams } from "react-router";
import { useAsk, usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import { RefundTag, StatusTag } from "../../orders/StatusTag";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing, Trouble } from "../../shell/States";
import { Act } from "../acts/Act";
import { Entry } from "../acts/Form";
import type { Reading } from "../acts/reading";
import { Redemptions } from "../codes/Redemptions";
import { OrderLink } from "../links";
import { Listing } from "../lists/Listing";
import { AccountLedgerDocument, AccountOrdersDocument, AccountRedemptionsDocument, AdjustCreditsDocument, OneAccountDocument } from "./accounts.generated";

/** Looks an account up, and shows it. */
export default function Accounts() {
  return (
    <Routes>
      <Route path="/" element={<LookUp />} />
      <Route path=":id" element={<Account />} />
    </Routes>
  );
}

function LookUp() {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim()) void navigate(`/admin/accounts/${encodeURIComponent(id.trim())}`);
  };
  return (
    <Page title={t("section.accounts")}>
      <form className="filters" onSubmit={send}>
        <label htmlFor="account">
          <span>{t("accounts.id")}</span>
          <Input id="account" autoComplete="off" spellCheck={false} value={id} onChange={({ target }) => setId(target.value)} />
        </label>
        <Button type="primary" htmlType="submit">
          {t("accounts.look")}
        </Button>
      </form>
      <Nothing text={t("accounts.how")} />
    </Page>
  );
}

function Account() {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const { id = "" } = useParams();
  const { credits, day, money } = useFigures();
  const { data, failure, again } = useAsk(OneAccountDocument, { id });
  const ledger = usePages(AccountLedgerDocument, { id, first: 20 }, ({ account }) => account?.ledger);
  const orders = usePages(AccountOrdersDocument, { id, first: 10 }, ({ account }) => account?.orders);
  const redemptions = usePages(AccountRedemptionsDocument, { id, first: 10 }, ({ account }) => account?.redemptions);
  const account = data?.account;
  const changed = () => {
    again();
    ledger.refresh();
    redemptions.refresh();
  };
  return (
    <Page title={t("accounts.one", { id })} aside={<Link to="/admin/accounts">{t("accounts.other")}</Link>}>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={8} />}
      {account === null && <Trouble text={t("accounts.noSuch")} />}
      {account && (
        <div className="stack">
          <div className="two">
            <section className="panel" aria-labelledby="balance">
              <h2 id="balance">{shell("account.balance")}</h2>
              <p role="status" className="big">
                {t("credits", { credits: credits(account.credits) })}
              </p>
              <Act
                name={t("accounts.adjust")}
                danger
                note="needed"
                mutation={AdjustCreditsDocument}
                pick={({ adjustCredits }) => adjustCredits}
                input={(form, key) => ({
                  input: { accountId: id, credits: form.decimal("credits", true), validDays: form.optionalWhole("validDays"), note: form.written("note"), idempotencyKey: key },
                })}
                says={(form) => <Adjusts form={form} id={id} />}
                done={changed}
              >
                <Entry name="credits" kind="decimal" label={t("accounts.credits")} hint={t("accounts.creditsHint")} />
                <Entry name="validDays" kind="whole" label={t("accounts.validDays")} hint={t("accounts.validHint")} />
              </Act>
            </section>
            <section className="panel" aria-labelledby="buckets">
              <h2 id="buckets">{t("accounts.buckets")}</h2>
              {account.creditBuckets.length === 0 && <p className="quiet">{t("accounts.noBuckets")}</p>}
              <ul className="rows">
                {account.creditBuckets.map(({ source, granted, remaining, expiresAt }, at) => (
                  <li key={`${source} ${at}`}>
                    <span>
                      <code>{source}</code>
                      <small>{expiresAt ? shell("account.lapses", { at: day(expiresAt) }) : shell("account.never")}</small>
                    </span>
                    <span className="figure">{shell("account.of", { remaining: credits(remaining), granted: credits(granted) })}</span>
                  </li>
                ))}
              </ul>
              {account.entitlements.length > 0 && <h2>{shell("account.tiers")}</h2>}
              <ul className="rows">
                {account.entitlements.map(({ tier, startedAt, expiresAt, active }) => (
                  <li key={tier + startedAt}>
                    <span className={`tag ${active ? "good" : "plain"}`}>{tier}</span>
                    <span>{shell("account.begins", { from: day(startedAt), at: day(expiresAt) })}</span>
                  </li>
                ))}
              </ul>
            </section>
          </div>
          <section aria-labelledby="ledger">
            <h2 id="ledger">{t("accounts.ledger")}</h2>
            <Listing
              title={t("accounts.ledger")}
              none={t("accounts.noLedger")}
              pages={ledger}
              columns={[
                { name: t("accounts.kind"), of: ({ kind }) => shell(`ledger.${kind}`) },
                { name: t("accounts.change"), of: (entry) => credits(entry.credits), figure: true },
                { name: t("accounts.after"), of: ({ balanceAfter }) => credits(balanceAfter), figure: true },
                { name: t("accounts.note"), of: ({ note }) => note ?? "–" },
                { name: t("accounts.reference"), of: ({ reference }) => <code>{reference}</code> },
                { name: t("accounts.when"), of: ({ at }) => <Moment at={at} /> },
              ]}
            />
          </section>
          <section aria-labelledby="orders">
            <h2 id="orders">{t("section.orders")}</h2>
            <Listing
              title={t("section.orders")}
              none={t("orders.none")}
              pages={orders}
              columns={[
                { name: t("orders.number"), of: ({ number }) => <OrderLink number={number} /> },
                { name: t("orders.placed"), of: ({ createdAt }) => <Moment at={createdAt} /> },
                { name: t("orders.plan"), of: ({ plan }) => plan.name },
                { name: t("orders.amount"), of: ({ amount }) => money(amount), figure: true },
                { name: t("orders.status"), of: ({ status }) => <StatusTag status={status} /> },
                { name: t("orders.refund"), of: ({ refundStatus }) => (refundStatus === "NONE" ? "–" : <RefundTag status={refundStatus} />) },
              ]}
            />
          </section>
          <section aria-labelledby="redemptions">
            <h2 id="redemptions">{t("codes.redemptions")}</h2>
            <Redemptions pages={redemptions} done={changed} />
          </section>
        </div>
      )}
    </Page>
  );
}

function Adjusts({ form, id }: { form: Reading; id: string }) {
  const { t } = useTranslation("admin");
  const { credits } = useFigures();
  const wanted = form.decimal("credits", true);
  if (form.complaints.credits) return t("accounts.adjusts", { account: id });
  const taken = wanted.startsWith("-");
  return t(taken ? "accounts.takes" : "accounts.gives", { credits: credits(taken ? wanted.slice(1) : wanted), account: id });
}
