import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Moment } from "../figures/Moment";
import { useFigures } from "../figures/useFigures";
import { Grants } from "../grants/Grants";
import { Copyable } from "../shell/Copyable";
import { Page } from "../shell/Page";
import { Failed, Loading, SignInFirst, Trouble } from "../shell/States";
import { useSession } from "../shell/session";
import { Outcome } from "./Outcome";
import { Pay } from "./Pay";
import { PaidButNotCredited } from "./PaidButNotCredited";
import { Refunds } from "./Refunds";
import { StatusTag } from "./StatusTag";
import { useOrder, type Order } from "./useOrder";
import "./orders.css";

/** One order, live. The provider sends buyers back to this address, and support sends them here: it may be reloaded at any time. */
export default function OrderPage() {
  const { t } = useTranslation();
  const { number = "" } = useParams();
  const { person, ended } = useSession();
  // An ended sign-in leaves what is shown; the frame says that it ended.
  return (
    <Page title={t("order.title")} aside={<Link to="/orders">{t("orders.any")}</Link>}>
      {person || ended ? <OneOrder key={number} number={number} /> : <SignInFirst text={t("orders.signIn")} />}
    </Page>
  );
}

function OneOrder({ number }: { number: string }) {
  const { t } = useTranslation();
  const { order, failure, again, take } = useOrder(number);
  if (order === undefined) return failure ? <Failed failure={failure} again={again} /> : <Loading lines={8} />;
  if (order === null) return <Trouble text={t("order.none")} />;
  const waits = order.result.nextStep === "PAY" || order.result.nextStep === "WAIT";
  return (
    <div className="order" data-status={order.status}>
      <div className="column">
        <Outcome order={order} />
        {order.result.nextStep === "PAY" && <Pay order={order} take={take} />}
        {(waits || order.status === "EXPIRED" || order.status === "CANCELLED") && order.fulfilmentStatus === "NOT_STARTED" && <PaidButNotCredited order={order} take={take} />}
        <Refunds order={order} take={take} />
      </div>
      <div className="column">
        <Details order={order} />
        <Timeline order={order} />
      </div>
    </div>
  );
}

function Details({ order }: { order: Order }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  return (
    <section className="panel" aria-labelledby="details">
      <h2 id="details">{t("order.details")}</h2>
      <dl>
        <dt>{t("order.number")}</dt>
        <dd>
          <Copyable text={order.number} />
        </dd>
        <dt>{t("order.plan")}</dt>
        <dd>{order.plan.name}</dd>
        <dt>{t("order.amount")}</dt>
        <dd>
          {money(order.amount)} <StatusTag status={order.status} />
        </dd>
        <dt>{t("order.gives")}</dt>
        <dd>
          <Grants grants={order.plan.grants} />
        </dd>
        <dt>{t("order.placed")}</dt>
        <dd>
          <Moment at={order.createdAt} />
        </dd>
        {order.payment && (
          <>
            <dt>{t("order.method")}</dt>
            <dd>{order.payment.method.name}</dd>
          </>
        )}
        {order.paidAt && (
          <>
            <dt>{t("order.paidAt")}</dt>
            <dd>
              <Moment at={order.paidAt} />
            </dd>
          </>
        )}
        {order.fulfilledAt && (
          <>
            <dt>{t("order.creditedAt")}</dt>
            <dd>
              <Moment at={order.fulfilledAt} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Timeline({ order }: { order: Order }) {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">{t("order.timeline")}</h2>
      <ol className="timeline">
        {order.timeline.map(({ at, kind }, place) => (
          <li key={place}>
            <span>{t(`event.${kind}`)}</span>
            <small>
              <Moment at={at} />
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
}
