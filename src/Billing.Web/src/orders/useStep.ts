import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useRef, useState } from "react";
import { act, Failed } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn } from "../api/hooks";
import type { Order } from "./useOrder";

interface Payload<Problem> {
  order: Order | null;
  errors: Problem[] | null;
}

interface Step<Variables, Problem> {
  busy: boolean;
  failure: Failure | undefined;
  problems: readonly Problem[];
  /** Takes it, and tells whether the order changed. */
  go: (variables: Variables) => Promise<boolean>;
}

/** One step of an order by one mutation, with its typed errors. A second click while it is under way does nothing. */
export function useStep<Data, Variables extends AnyVariables, Problem>(
  mutation: TypedDocumentNode<Data, Variables>,
  pick: (data: Data) => Payload<Problem>,
  take: (fresh: Order) => void,
): Step<Variables, Problem> {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure; problems: readonly Problem[] }>({ busy: false, problems: [] });
  const under = useRef(false);
  const go = async (variables: Variables): Promise<boolean> => {
    if (under.current) return false;
    under.current = true;
    setState({ busy: true, problems: [] });
    try {
      const { order, errors } = pick(await act(mutation, variables));
      if (order) take(order);
      setState({ busy: false, problems: errors ?? [] });
      return !errors?.length;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      setState({ busy: false, problems: [], failure: failureIn(error) });
      return false;
    } finally {
      under.current = false;
    }
  };
  return { busy: state.busy, failure: state.failure, problems: state.problems, go };
}
