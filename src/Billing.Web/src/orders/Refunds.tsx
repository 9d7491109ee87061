import { Button, Input } from "antd";
import { useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Moment } from "../figures/Moment";
import { fromMinorUnits } from "../figures/figures";
import { useFigures } from "../figures/useFigures";
import { Field } from "../shell/Field";
import { RequestRefundDocument, WithdrawRefundDocument } from "./order.generated";
import { Problems } from "./Problems";
import { longestReason, refundAmount } from "./refund";
import { RefundTag } from "./StatusTag";
import { useStep } from "./useStep";
import type { Order } from "./useOrder";

/** What was and is given back, and asking for it. */
export function Refunds({ order, take }: { order: Order; take: (fresh: Order) => void }) {
  const { t } = useTranslation();
  const { money, credits } = useFigures();
  const [asking, setAsking] = useState(false);
  const withdrawing = useStep(WithdrawRefundDocument, ({ withdrawRefundRequest }) => withdrawRefundRequest, take);
  const can = order.fulfilmentStatus === "FULFILLED" && order.refundableAmount.minorUnits > 0 && order.refundStatus !== "REQUESTED" && order.refundStatus !== "PROCESSING";
  if (!can && order.refunds.length === 0) return null;
  return (
    <section className="panel refunds" aria-labelledby="refund">
      <h2 id="refund">{t("refund.title")}</h2>
      {order.refunds.map((refund) => (
        <div key={refund.id} className="refund">
          <p>
            <strong>{money(refund.amount)}</strong> <RefundTag status={refund.status} />{" "}
            <small>
              <Moment at={refund.completedAt ?? refund.requestedAt} />
            </small>
          </p>
          {refund.requestedAmount && <p className="quiet">{t("refund.asked", { amount: money(refund.requestedAmount) })}</p>}
          {refund.status === "REQUESTED" && refund.heldCredits !== "0" && <p className="quiet">{t("refund.held", { credits: credits(refund.heldCredits) })}</p>}
          {refund.reason && (
            <p className="quiet">
              {t("refund.because")} {refund.reason}
            </p>
          )}
          {refund.decisionNote && (
            <p>
              {t("refund.note")} {refund.decisionNote}
            </p>
          )}
          {refund.status === "REQUESTED" && (
            <Button loading={withdrawing.busy} onClick={() => void withdrawing.go({ input: { orderNumber: order.number } })}>
              {t("refund.withdraw")}
            </Button>
          )}
        </div>
      ))}
      <Problems {...withdrawing} />
      {can && (asking ? <Request order={order} take={take} close={() => setAsking(false)} /> : <Button onClick={() => setAsking(true)}>{t("refund.ask")}</Button>)}
    </section>
  );
}

function Request({ order, take, close }: { order: Order; take: (fresh: Order) => void; close: () => void }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  const refundable = order.refundableAmount;
  const [whole, setWhole] = useState(true);
  const [typed, setTyped] = useState(() => fromMinorUnits(refundable.minorUnits, refundable.currency));
  const [reason, setReason] = useState("");
  const [complaint, setComplaint] = useState(false);
  const step = useStep(RequestRefundDocument, ({ requestRefund }) => requestRefund, take);
  // The same form sent again after a lost answer is the same request; a changed one is another.
  const wish = useRef({ content: "", key: "" });

  const minorUnits = whole ? refundable.minorUnits : refundAmount(typed, refundable);
  const why = reason.trim();
  const reasonFits = why.length > 0 && why.length <= longestReason;
  const ofAmount = step.problems.find(({ __typename }) => __typename === "RefundAmountOutOfRange" || __typename === "CreditsAlreadySpent");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (minorUnits === null || !reasonFits) return setComplaint(true);
    const content = JSON.stringify([whole, minorUnits, why]);
    if (wish.current.content !== content) wish.current = { content, key: crypto.randomUUID() };
    const amount = whole ? null : { minorUnits, currency: refundable.currency };
    void step.go({ input: { orderNumber: order.number, reason: why, amount, idempotencyKey: wish.current.key } }).then((done) => done && close());
  };

  return (
    <form className="request" onSubmit={submit} noValidate>
      <p className="quiet">{t("refund.can", { amount: money(refundable) })}</p>
      <fieldset className="methods">
        <legend>{t("refund.howMuch")}</legend>
        <label>
          <input type="radio" name="part" checked={whole} onChange={() => setWhole(true)} />
          <span>{t("refund.whole", { amount: money(refundable) })}</span>
        </label>
        <label>
          <input type="radio" name="part" checked={!whole} onChange={() => setWhole(false)} />
          <span>{t("refund.part")}</span>
        </label>
      </fieldset>
      {!whole && (
        <Field label={`${t("refund.amount")} (${refundable.currency})`} error={complaint && minorUnits === null ? t("refund.amountWrong", { amount: money(refundable) }) : undefined}>
          {(wiring) => <Input {...wiring} inputMode="decimal" autoComplete="off" value={typed} onChange={({ target }) => setTyped(target.value)} />}
        </Field>
      )}
      {ofAmount && (
        <p className="wrong" role="alert">
          {ofAmount.message} {"refundable" in ofAmount && t("refund.refundable", { amount: money(ofAmount.refundable) })}
        </p>
      )}
      <Field label={t("refund.reason")} error={complaint && !reasonFits ? t("refund.reasonWrong", { count: longestReason }) : undefined}>
        {(wiring) => <Input.TextArea {...wiring} rows={3} value={reason} onChange={({ target }) => setReason(target.value)} />}
      </Field>
      <Problems failure={step.failure} problems={step.problems.filter((problem) => problem !== ofAmount)} />
      <div className="actions">
        <Button type="primary" htmlType="submit" loading={step.busy}>
          {t("refund.send", { amount: money({ minorUnits: minorUnits ?? 0, currency: refundable.currency }) })}
        </Button>
        <Button type="text" onClick={close}>
          {t("refund.never")}
        </Button>
      </div>
    </form>
  );
}
