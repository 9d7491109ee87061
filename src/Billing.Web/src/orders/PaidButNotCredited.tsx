import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RefreshPaymentDocument } from "./order.generated";
import { Problems } from "./Problems";
import { Support } from "./Support";
import { useStep } from "./useStep";
import type { Order } from "./useOrder";

/** For who has paid and sees nothing of it: one button that asks the provider, says what it said, and shows the way to a person. */
export function PaidButNotCredited({ order, take }: { order: Order; take: (fresh: Order) => void }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const step = useStep(RefreshPaymentDocument, ({ refreshPayment }) => refreshPayment, take);
  const limited = step.problems.find((problem) => problem.__typename === "RateLimited");
  const soon = limited?.retryAfterSeconds;

  // Asked a moment ago, by this page itself or in another window: it is asked again as soon as it may be.
  useEffect(() => {
    if (soon === undefined) return;
    const timer = setTimeout(() => void step.go({ input: { orderNumber: order.number } }).then(setAsked), soon * 1000);
    return () => clearTimeout(timer);
    // Once for each answer of this kind.
  }, [limited]);

  const busy = step.busy || limited !== undefined;
  const paid = order.paymentStatus === "PAID" || order.paymentStatus === "HELD";
  return (
    <section className="panel help" aria-labelledby="help">
      <h2 id="help">{t("order.help")}</h2>
      <p className="quiet">{t("order.helpText")}</p>
      <Button loading={busy} onClick={() => void step.go({ input: { orderNumber: order.number } }).then(setAsked)}>
        {t("order.helpAction")}
      </Button>
      <p role="status">
        {busy ? t("order.helpAsking") : asked ? t(paid ? "order.helpPaid" : "order.helpNot") : ""}
      </p>
      <Problems failure={step.failure} problems={step.problems.filter((problem) => problem !== limited)} />
      {asked && !paid && !busy && (
        <div className="column">
          <p className="quiet">{t("order.helpSupport")}</p>
          <Support number={order.number} />
        </div>
      )}
    </section>
  );
}
