import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed, ask } from "./client";
import type { Failure } from "./failure";

export const failureIn = (error: unknown): Failure => {
  if (error instanceof Failed) return error.failure;
  throw error;
};

interface Asked<Data> {
  data: Data | undefined;
  failure: Failure | undefined;
  /** Asks again; what is there stays until the answer is. */
  again: () => void;
}

/** Asks the service, and again in another language when that is chosen. */
export function useAsk<Data, Variables extends AnyVariables>(query: TypedDocumentNode<Data, Variables>, variables: Variables, skip = false): Asked<Data> {
  const { i18n } = useTranslation();
  const [state, setState] = useState<{ data?: Data; failure?: Failure }>({});
  const [round, setRound] = useState(0);
  const wanted = JSON.stringify(variables);
  useEffect(() => {
    if (skip) return;
    let stale = false;
    ask(query, JSON.parse(wanted) as Variables).then(
      (data) => stale || setState({ data }),
      (error: unknown) => stale || setState((before) => ({ ...before, failure: failureIn(error) })),
    );
    return () => void (stale = true);
  }, [query, wanted, skip, round, i18n.language]);
  return { data: state.data, failure: state.failure, again: useCallback(() => (setState(({ data }) => (data === undefined ? {} : { data })), setRound((before) => before + 1)), []) };
}

interface Page<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Paged<Node> {
  nodes: Node[] | undefined;
  failure: Failure | undefined;
  more: (() => void) | undefined;
  loading: boolean;
  again: () => void;
  /** Asks from the beginning; what is there stays until the answer is. */
  refresh: () => void;
}

/** A list that grows page by page. `pick` finds the page in an answer; null when there is none for this reader. */
export function usePages<Data, Variables extends AnyVariables & { after?: string | null | undefined }, Node extends { id: string }>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, "after">,
  pick: (data: Data) => Page<Node> | null | undefined,
): Paged<Node> {
  const { i18n } = useTranslation();
  const [nodes, setNodes] = useState<Node[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure>();
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const wanted = JSON.stringify(variables);
  const picker = useRef(pick);
  picker.current = pick;
  const asked = useRef(0);

  const load = useCallback(
    async (after: string | null) => {
      const mine = ++asked.current;
      setLoading(true);
      setFailure(undefined);
      try {
        const page = picker.current(await ask(query, { ...(JSON.parse(wanted) as object), after } as Variables));
        // Of two loads at once the later counts.
        if (mine !== asked.current) return;
        const fresh = page?.nodes ?? [];
        setNodes((before) => (after === null ? fresh : [...(before ?? []), ...fresh.filter(({ id }) => !before?.some((known) => known.id === id))]));
        setCursor(page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
      } catch (error) {
        if (mine === asked.current) setFailure(failureIn(error));
      }
      if (mine === asked.current) setLoading(false);
    },
    [query, wanted],
  );
  useEffect(() => {
    setNodes(undefined);
    void load(null);
    return () => void asked.current++;
  }, [load, round, i18n.language]);

  return { nodes, failure, loading, more: cursor === null ? undefined : () => void load(cursor), refresh: useCallback(() => void load(null), [load]), again: () => (nodes === undefined ? setRound((before) => before + 1) : void load(cursor)) };
}
