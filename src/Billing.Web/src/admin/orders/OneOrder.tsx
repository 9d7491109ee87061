import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useAsk, usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { fromMinorUnits } from "../../figures/figures";
import { useFigures } from "../../figures/useFigures";
import { Grants } from "../../grants/Grants";
import { StatusTag } from "../../orders/StatusTag";
import { Copyable } from "../../shell/Copyable";
import { Page } from "../../shell/Page";
import { Failed, Loading, Trouble } from "../../shell/States";
import { Act } from "../acts/Act";
import { Entry, Tick } from "../acts/Form";
import { CallbackList } from "../callbacks/CallbackList";
import { AccountLink } from "../links";
import { Facts } from "../lists/Listing";
import { RefundCard } from "../refunds/RefundCard";
import { WorkCard } from "../work/WorkCard";
import { AdminOrderDocument, OrderCallbacksDocument, RefundOrderDocument, type AdminOrderQuery } from "./orders.generated";
import "../../orders/orders.css";

type Order = NonNullable<AdminOrderQuery["order"]>;

/** One order, with everything that happened to it and what an administrator can do about it. */
export function OneOrder() {
  const { t } = useTranslation("admin");
  const { number = "" } = useParams();
  const { data, failure, again } = useAsk(AdminOrderDocument, { number });
  return (
    <Page title={t("orders.one", { number })} aside={<Link to="/admin/orders">{t("orders.every")}</Link>}>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={10} />}
      {data && !data.order && <Trouble text={t("orders.noSuch")} />}
      {data?.order && <Details key={data.order.id} order={data.order} again={again} />}
    </Page>
  );
}

function Details({ order, again }: { order: Order; again: () => void }) {
  const { t } = useTranslation("admin");
  const { t: shell } = useTranslation();
  const { money, credits } = useFigures();
  const callbacks = usePages(OrderCallbacksDocument, { number: order.number, first: 10 }, (data) => data.callbacks);
  // What was done here shows in all of it.
  const changed = () => {
    again();
    callbacks.refresh();
  };
  return (
    <div className="two">
      <div className="column">
        <section className="panel" aria-labelledby="facts">
          <h2 id="facts">{t("orders.facts")}</h2>
          <p>
            <StatusTag status={order.status} /> {order.result.message}
          </p>
          <Facts
            of={[
              [t("orders.number"), <Copyable key="number" text={order.number} />],
              [t("orders.account"), <span key="account"><AccountLink accountId={order.account.accountId} /> · {t("credits", { credits: credits(order.account.credits) })}</span>],
              [t("orders.plan"), order.plan.name],
              [t("orders.grants"), <Grants key="grants" grants={order.plan.grants} />],
              [t("orders.amount"), money(order.amount)],
              [t("orders.payment"), shell(`paymentStatus.${order.paymentStatus}`)],
              [t("orders.fulfilment"), t(`fulfilment.${order.fulfilmentStatus}`)],
              [t("orders.placed"), <Moment key="placed" at={order.createdAt} />],
              [t("orders.expires"), <Moment key="expires" at={order.expiresAt} />],
              order.paidAt && [t("orders.paid"), <Moment key="paid" at={order.paidAt} />],
              order.fulfilledAt && [t("orders.credited"), <Moment key="credited" at={order.fulfilledAt} />],
            ]}
          />
        </section>
        {order.workItems.length > 0 && (
          <section className="panel" aria-labelledby="work">
            <h2 id="work">{t("section.work")}</h2>
            {order.workItems.map((item) => (
              <WorkCard key={item.id} item={item} done={changed} here />
            ))}
          </section>
        )}
        <section className="panel" aria-labelledby="refunds">
          <h2 id="refunds">{t("section.refunds")}</h2>
          <p className="quiet">{t("refunds.left", { amount: money(order.refundableAmount) })}</p>
          {order.refunds.map((refund) => (
            <RefundCard key={refund.id} refund={refund} done={changed} here />
          ))}
          {order.refundableAmount.minorUnits > 0 && <GiveBack order={order} done={changed} />}
        </section>
        <section className="panel" aria-labelledby="payments">
          <h2 id="payments">{t("orders.payments")}</h2>
          {order.payments.length === 0 && <p className="quiet">{t("orders.noPayments")}</p>}
          <ul className="rows">
            {order.payments.map((payment) => (
              <li key={payment.id}>
                <span>
                  <strong>{payment.method.name}</strong> · {shell(`paymentStatus.${payment.status}`)}
                  <small>
                    <code>{payment.id}</code>
                    {payment.providerReference && (
                      <>
                        {" · "}
                        <code>{payment.providerReference}</code>
                      </>
                    )}
                  </small>
                </span>
                <span className="figure">{money(payment.amount)}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <div className="column">
        <section className="panel" aria-labelledby="timeline">
          <h2 id="timeline">{t("orders.timeline")}</h2>
          <ol className="timeline">
            {order.timeline.map(({ at, kind, actor, detail }, place) => (
              <li key={place}>
                <span>{shell(`event.${kind}`)}</span>
                {detail && <span className="quiet">{detail}</span>}
                <small>
                  <Moment at={at} /> · {actor}
                </small>
              </li>
            ))}
          </ol>
        </section>
        <section className="panel" aria-labelledby="callbacks">
          <h2 id="callbacks">{t("section.callbacks")}</h2>
          {callbacks.nodes?.length === 0 ? <p className="quiet">{t("callbacks.noneYet")}</p> : <CallbackList pages={callbacks} done={changed} />}
        </section>
      </div>
    </div>
  );
}

/** Gives money back that nobody asked for. */
function GiveBack({ order, done }: { order: Order; done: () => void }) {
  const { t } = useTranslation("admin");
  const { money } = useFigures();
  const left = order.refundableAmount;
  return (
    <Act
      name={t("refunds.give")}
      danger
      note="needed"
      mutation={RefundOrderDocument}
      pick={({ refundOrder }) => refundOrder}
      input={(form, key) => ({
        input: { orderNumber: order.number, amount: form.money("amount", left.currency), evenIfSpent: form.checked("evenIfSpent"), note: form.written("note"), idempotencyKey: key },
      })}
      says={(form) => t(form.checked("evenIfSpent") ? "refunds.givesSpent" : "refunds.gives", { amount: money(form.money("amount", left.currency)), account: order.account.accountId })}
      done={done}
    >
      <Entry name="amount" kind="decimal" label={t("refunds.amount", { currency: left.currency })} hint={t("refunds.atMost", { amount: money(left) })} value={fromMinorUnits(left.minorUnits, left.currency)} />
      <Tick name="evenIfSpent" label={t("refunds.evenIfSpent")} />
    </Act>
  );
}
