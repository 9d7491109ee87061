import { useTranslation } from "react-i18next";
import { Moment } from "../../figures/Moment";
import { fromMinorUnits } from "../../figures/figures";
import { useFigures } from "../../figures/useFigures";
import { RefundTag } from "../../orders/StatusTag";
import { Act } from "../acts/Act";
import { Entry } from "../acts/Form";
import { OrderLink } from "../links";
import { ApproveRefundDocument, RejectRefundDocument, type RefundLineFragment } from "./refunds.generated";

/** A refund, what is known about it, and its decision. */
export function RefundCard({ refund, done, here = false }: { refund: RefundLineFragment; done: () => void; here?: boolean }) {
  const { t } = useTranslation("admin");
  const { money, credits } = useFigures();
  return (
    <article className="item" aria-label={t("refunds.one", { amount: money(refund.amount), number: refund.order.number })}>
      <p className="name">
        <strong className="figure">{money(refund.amount)}</strong> <RefundTag status={refund.status} /> {!here && <OrderLink number={refund.order.number} />}
      </p>
      <p className="quiet small">
        {t("refunds.asked", { who: refund.requestedBy ?? t("refunds.service") })} · <Moment at={refund.requestedAt} /> · <code>{refund.number}</code>
      </p>
      {refund.requestedAmount && <p className="quiet">{t("refunds.askedFor", { amount: money(refund.requestedAmount) })}</p>}
      {refund.reason && <p>{t("refunds.because", { reason: refund.reason })}</p>}
      {refund.heldCredits !== "0" && <p className="quiet">{t("refunds.held", { credits: credits(refund.heldCredits) })}</p>}
      {refund.decidedBy.length > 0 && <p className="quiet">{t(refund.status === "REQUESTED" ? "refunds.oneApproved" : "refunds.decidedBy", { who: refund.decidedBy.join(", ") })}</p>}
      {refund.decisionNote && <p>{t("refunds.note", { note: refund.decisionNote })}</p>}
      {refund.status === "REQUESTED" && <Decision refund={refund} done={done} />}
      {refund.status === "FAILED" && <p className="quiet">{t("refunds.failed")}</p>}
    </article>
  );
}

function Decision({ refund, done }: { refund: RefundLineFragment; done: () => void }) {
  const { t } = useTranslation("admin");
  const { money, credits } = useFigures();
  const { id: refundId, version: expectedVersion, amount, order } = refund;
  const what = { amount: money(amount), number: order.number };
  return (
    <div className="actions">
      <Act
        name={t("refunds.approve")}
        label={t("refunds.approveOne", what)}
        primary
        note="needed"
        mutation={ApproveRefundDocument}
        pick={({ approveRefund }) => approveRefund}
        input={(form) => {
          const given = form.money("amount", amount.currency);
          return { input: { refundId, expectedVersion, note: form.written("note"), amount: given.minorUnits === amount.minorUnits ? null : given } };
        }}
        says={(form) => t("refunds.approves", { amount: money(form.money("amount", amount.currency)), number: order.number, held: credits(refund.heldCredits) })}
        done={done}
      >
        <Entry name="amount" kind="decimal" label={t("refunds.amount", { currency: amount.currency })} hint={t("refunds.atMost", { amount: money(amount) })} value={fromMinorUnits(amount.minorUnits, amount.currency)} />
      </Act>
      <Act
        name={t("refunds.reject")}
        label={t("refunds.rejectOne", what)}
        danger
        mutation={RejectRefundDocument}
        pick={({ rejectRefund }) => rejectRefund}
        input={(form) => ({ input: { refundId, expectedVersion, reason: form.text("reason") } })}
        says={t("refunds.rejects", { amount: money(amount), held: credits(refund.heldCredits) })}
        done={done}
      >
        <Entry name="reason" kind="area" label={t("refunds.reason")} hint={t("refunds.reasonHint")} />
      </Act>
    </div>
  );
}
