import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { act, ask, Failed } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn } from "../api/hooks";
import { watch } from "../api/watch";
import { OneOrderDocument, OrderChangedDocument, RefreshPaymentDocument, type OrderViewFragment } from "./order.generated";

export type Order = OrderViewFragment;

// After how many seconds on the page a provider that is slow to tell is asked: the callback is usually here before. Later ones come after the last again and again.
const askProviderAfter = [4, 6, 10, 20, 40, 60];

interface Live {
  order: Order | null | undefined;
  failure: Failure | undefined;
  again: () => void;
  /** Takes an order that a mutation answered with. */
  take: (fresh: Order) => void;
}

/** An order as it is, pushed or polled. Undefined until it is there; null when it is not this reader's. */
export function useOrder(number: string): Live {
  const { i18n } = useTranslation();
  const [order, setOrder] = useState<Order | null>();
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  // What is older than what is shown comes by a slower path.
  const take = useCallback((fresh: Order) => setOrder((before) => (before && before.number === fresh.number && before.version > fresh.version ? before : fresh)), []);

  useEffect(() => {
    let stale = false;
    let stop: (() => void) | undefined;
    const read = async () => {
      const { order: fresh } = await ask(OneOrderDocument, { number });
      if (stale) return null;
      if (fresh) take(fresh);
      else setOrder(null);
      return fresh;
    };
    setFailure(undefined);
    read().then(
      (first) => {
        if (!first || stale) return;
        stop = watch(OrderChangedDocument, { number, sinceVersion: first.version }, ({ orderChanged }) => take(orderChanged), async () => void (await read()));
      },
      (error: unknown) => stale || setFailure(failureIn(error)),
    );
    return () => {
      stale = true;
      stop?.();
    };
  }, [number, take, round, i18n.language]);

  useAskingTheProvider(order, take);
  return { order, failure, again: () => setRound((before) => before + 1), take };
}

/** While a payment is open the provider itself is asked now and then, so that a callback that is late or lost delays nobody. */
function useAskingTheProvider(order: Order | null | undefined, take: (fresh: Order) => void): void {
  const number = order?.number;
  const open = order?.paymentStatus === "PENDING" && (order.result.nextStep === "PAY" || order.result.nextStep === "WAIT");
  useEffect(() => {
    if (!open || number === undefined) return;
    let asked = 0;
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      timer = setTimeout(() => void look(), (askProviderAfter[asked] ?? askProviderAfter.at(-1)!) * 1000);
    };
    const look = async () => {
      asked++;
      // Nobody looks: nobody waits. Whoever comes back is told by the socket or the poll.
      if (document.visibilityState === "visible") {
        try {
          const { refreshPayment } = await act(RefreshPaymentDocument, { input: { orderNumber: number } });
          if (refreshPayment.order) take(refreshPayment.order);
        } catch (error) {
          // It was only asked to be quicker; the service asks by itself at its deadlines.
          if (!(error instanceof Failed)) throw error;
        }
      }
      next();
    };
    next();
    return () => clearTimeout(timer);
  }, [number, open, take]);
}
