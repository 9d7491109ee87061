import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useRef, useState } from "react";
import { act, Failed } from "../../api/client";
import type { Failure } from "../../api/failure";
import type { Problem } from "./problems";

interface State {
  busy: boolean;
  failure?: Failure;
  problems: readonly Problem[];
}

/** Has one thing done by a mutation. A second click while it is under way does nothing. */
export function useAct<Data, Variables extends AnyVariables, Payload extends { errors: readonly Problem[] | null }>(
  mutation: TypedDocumentNode<Data, Variables>,
  pick: (data: Data) => Payload,
): State & {
  /** Does it under a key, and gives the payload when it was done. */
  go: (variables: (key: string) => Variables) => Promise<Payload | undefined>;
} {
  const [state, setState] = useState<State>({ busy: false, problems: [] });
  const under = useRef(false);
  // One key for one wish. After a lost answer it stays, so that nothing is done twice; after an answer the next wish is another.
  const key = useRef<string>(undefined);
  const go = async (variables: (key: string) => Variables): Promise<Payload | undefined> => {
    if (under.current) return undefined;
    under.current = true;
    key.current ??= crypto.randomUUID();
    setState({ busy: true, problems: [] });
    try {
      const payload = pick(await act(mutation, variables(key.current)));
      key.current = undefined;
      setState({ busy: false, problems: payload.errors ?? [] });
      return payload.errors?.length ? undefined : payload;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      setState({ busy: false, problems: [], failure: error.failure });
      return undefined;
    } finally {
      under.current = false;
    }
  };
  return { ...state, go };
}
