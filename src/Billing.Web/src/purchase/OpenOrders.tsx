import { Button } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { ask } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn, useAsk } from "../api/hooks";
import { useFigures } from "../figures/useFigures";
import { Failed } from "../shell/States";
import { OpenOrdersDocument, WhatBecameDocument } from "./purchase.generated";
import { useWish } from "./useWish";
import { forget, unanswered, type Wish } from "./wishes";

/** What this buyer began and did not end: orders that wait for a payment, and wishes whose answers were lost. */
export function OpenOrders({ account }: { account: string }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  const { data } = useAsk(OpenOrdersDocument, {});
  const [wishes, setWishes] = useState(() => unanswered(localStorage, account));
  const over = (wish: Wish) => setWishes((before) => before.filter(({ idempotencyKey }) => idempotencyKey !== wish.idempotencyKey));
  return (
    <div className="begun">
      {wishes.map((wish) => (
        <LostWish key={wish.idempotencyKey} wish={wish} account={account} over={() => over(wish)} />
      ))}
      {data?.me?.orders.nodes.map((order) => (
        <div key={order.id} className="note">
          <span>{t("purchase.open", { plan: order.plan.name, amount: money(order.amount) })}</span>
          <Link to={`/orders/${order.number}`}>{t("purchase.openPay")}</Link>
        </div>
      ))}
    </div>
  );
}

/** Asks what became of it. Asking orders nothing: the buyer may have changed their mind. */
function LostWish({ wish, account, over }: { wish: Wish; account: string; over: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const placed = useCallback((number: string) => void navigate(`/orders/${number}`, { state: { pay: true } }), [navigate]);
  const { busy, failure: notSent, problems, send } = useWish(account, placed);
  const [became, setBecame] = useState<{ number: string } | null>();
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stale = false;
    setFailure(undefined);
    ask(WhatBecameDocument, { key: wish.idempotencyKey }).then(
      ({ orderByKey }) => {
        if (stale) return;
        if (orderByKey) forget(localStorage, account, wish.idempotencyKey);
        setBecame(orderByKey);
      },
      (error: unknown) => stale || setFailure(failureIn(error)),
    );
    return () => void (stale = true);
  }, [wish, account, round]);

  if (failure) return <Failed failure={failure} again={() => setRound((before) => before + 1)} />;
  if (became === undefined) return null;
  if (became) {
    return (
      <div className="note" role="status">
        <span>{t("purchase.foundOut", { plan: wish.planSlug })}</span>
        <Link to={`/orders/${became.number}`}>{t("purchase.see")}</Link>
      </div>
    );
  }
  return (
    <div className="note">
      <span>{t("purchase.notPlaced", { plan: wish.planSlug })}</span>
      <Button loading={busy} onClick={() => void send(() => wish)}>
        {t("purchase.orderNow")}
      </Button>
      <Button type="text" onClick={() => (forget(localStorage, account, wish.idempotencyKey), over())}>
        {t("purchase.leave")}
      </Button>
      {problems.map(({ __typename, message }) => (
        <span key={__typename} role="alert" className="wrong">
          {message}
        </span>
      ))}
      {notSent && <Failed failure={notSent} />}
    </div>
  );
}
