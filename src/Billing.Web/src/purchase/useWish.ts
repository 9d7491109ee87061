import { useCallback, useRef, useState } from "react";
import { act, Failed } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn } from "../api/hooks";
import { PlaceOrderDocument, type PlaceOrderMutation } from "./purchase.generated";
import { forget, type Wish } from "./wishes";

export type PlaceOrderProblem = NonNullable<PlaceOrderMutation["placeOrder"]["errors"]>[number];

interface Sending {
  busy: boolean;
  failure: Failure | undefined;
  problems: readonly PlaceOrderProblem[];
  send: (write: () => Wish) => Promise<void>;
}

/** Sends a wish that was written down. Only a payload answers it: after anything else the order may have been placed, so the wish stays, and the same key is the same order. */
export function useWish(account: string | undefined, placed: (number: string) => void): Sending {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [problems, setProblems] = useState<readonly PlaceOrderProblem[]>([]);
  const under = useRef(false);
  const send = useCallback(
    async (write: () => Wish) => {
      // A second click comes before the button is drawn as busy.
      if (account === undefined || under.current) return;
      under.current = true;
      setBusy(true);
      setFailure(undefined);
      setProblems([]);
      try {
        const wish = write();
        const { placeOrder } = await act(PlaceOrderDocument, { input: wish });
        forget(localStorage, account, wish.idempotencyKey);
        if (placeOrder.order) return placed(placeOrder.order.number);
        setProblems(placeOrder.errors ?? []);
      } catch (error) {
        setFailure(error instanceof Failed ? failureIn(error) : { kind: "unreachable" });
      } finally {
        under.current = false;
        setBusy(false);
      }
    },
    [account, placed],
  );
  return { busy, failure, problems, send };
}
