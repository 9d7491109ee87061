import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { now } from "../api/clock";
import { useAsk } from "../api/hooks";
import { countdown } from "../figures/figures";
import { useFigures } from "../figures/useFigures";
import { PaymentMethodsDocument } from "../purchase/purchase.generated";
import { CancelOrderDocument, StartPaymentDocument } from "./order.generated";
import { tappable } from "./links";
import { Problems } from "./Problems";
import { useStep } from "./useStep";
import type { Order } from "./useOrder";

/** Everything for paying an order: the address or the code, the time that is left, another method, and giving up. */
export function Pay({ order, take }: { order: Order; take: (fresh: Order) => void }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  const { payment } = order;
  const left = useTimeLeft(order.expiresAt);
  const { data } = useAsk(PaymentMethodsDocument, { planSlug: order.plan.slug });
  const starting = useStep(StartPaymentDocument, ({ startPayment }) => startPayment, take);
  const redirect = payment?.redirectUrl ?? null;
  const ready = redirect ?? payment?.qrCodeSvg ?? null;
  const { going, goAtOnce } = useGoingAtOnce(redirect, ready !== null);
  const others = data?.paymentMethods.filter(({ id }) => id !== payment?.method.id || !ready) ?? [];
  const app = tappable(payment?.qrCode);
  return (
    <section className="panel pay">
      <p className="left">
        {left > 0 ? (
          <>
            {t("order.timeLeft")} <strong role="timer">{countdown(left)}</strong>
          </>
        ) : (
          t("order.timeOver")
        )}
      </p>
      {payment && redirect && (
        <>
          <a className="go" href={redirect}>
            {t("order.goAndPay", { method: payment.method.name })}
          </a>
          {going && (
            <p className="quiet" role="status">
              {t("order.going", { method: payment.method.name })}
            </p>
          )}
        </>
      )}
      {payment?.qrCodeSvg && (
        <figure>
          <img src={`data:image/svg+xml,${encodeURIComponent(payment.qrCodeSvg)}`} alt={t("order.qr")} width={232} height={232} />
          <figcaption>{t("order.scan", { amount: money(payment.amount), method: payment.method.name })}</figcaption>
          {app && (
            <a className="app" href={app}>
              {t("order.openApp")}
            </a>
          )}
        </figure>
      )}
      {payment && !ready && (
        <p role="status" className="quiet">
          {t("order.preparing")}
        </p>
      )}
      {others.length > 0 && (
        <details open={!payment}>
          <summary>{t("order.otherMethod")}</summary>
          <div className="actions">
            {others.map(({ id, name }) => (
              <Button key={id} loading={starting.busy} onClick={() => void starting.go({ input: { orderNumber: order.number, methodId: id } }).then((started) => started && goAtOnce())}>
                {t("order.with", { method: name })}
              </Button>
            ))}
          </div>
        </details>
      )}
      <Problems {...starting} />
      <Cancel order={order} take={take} />
    </section>
  );
}

function Cancel({ order, take }: { order: Order; take: (fresh: Order) => void }) {
  const { t } = useTranslation();
  const [sure, setSure] = useState(false);
  const step = useStep(CancelOrderDocument, ({ cancelOrder }) => cancelOrder, take);
  return (
    <div className="cancel">
      {sure ? (
        <div className="note" role="group" aria-label={t("order.cancel")}>
          <span>{t("order.cancelSure")}</span>
          <Button danger loading={step.busy} onClick={() => void step.go({ input: { orderNumber: order.number } })}>
            {t("order.cancelYes")}
          </Button>
          <Button autoFocus onClick={() => setSure(false)}>
            {t("order.cancelNo")}
          </Button>
        </div>
      ) : (
        <Button type="text" onClick={() => setSure(true)}>
          {t("order.cancel")}
        </Button>
      )}
      <Problems {...step} />
    </div>
  );
}

/** Right after a method was chosen, the browser goes to the provider by itself, once: back again it stays here. */
function useGoingAtOnce(redirect: string | null, ready: boolean): { going: boolean; goAtOnce: () => void } {
  const { state, pathname } = useLocation();
  const navigate = useNavigate();
  const wanted = (state as { pay?: boolean } | null)?.pay === true;
  const [going, setGoing] = useState(false);
  const gone = useRef(false);
  useEffect(() => {
    if (!wanted || !ready || gone.current) return;
    // Forgotten first: the page that the back button comes to must not go again.
    void navigate(pathname, { replace: true, state: null });
    if (!redirect) return;
    gone.current = true;
    setGoing(true);
    location.assign(redirect);
  }, [wanted, redirect, ready, navigate, pathname]);
  const goAtOnce = () => {
    gone.current = false;
    void navigate(pathname, { replace: true, state: { pay: true } });
  };
  return { going, goAtOnce };
}

function useTimeLeft(until: string): number {
  const [left, setLeft] = useState(() => Date.parse(until) - now());
  useEffect(() => {
    const tick = () => setLeft(Date.parse(until) - now());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}
