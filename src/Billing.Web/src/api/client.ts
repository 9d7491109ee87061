import { createClient, createRequest, fetchExchange, mapExchange, subscriptionExchange, type AnyVariables, type CombinedError, type TypedDocumentNode } from "@urql/core";
import i18next from "i18next";
import { endSession, token } from "../shell/session";
import { address } from "../shell/settings";
import { setClock } from "./clock";
import { failureOf, type Failure } from "./failure";
import { socket } from "./socket";

// Longer than the service takes over anything; a request without an end would leave the page waiting without a word.
const patience = 15_000;

const headers = (language = i18next.language): Record<string, string> => {
  const bearer = token();
  return { Accept: "application/graphql-response+json, application/json", "Accept-Language": language, ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) };
};

export const client = createClient({
  url: address("graphql"),
  // Never by GET: a code would stand in the address.
  preferGetMethod: false,
  // Nothing is cached: what is shown about money is what the service says now.
  requestPolicy: "network-only",
  fetchOptions: () => ({ headers: headers() }),
  fetch: async (input, init) => {
    const limit = AbortSignal.timeout(patience);
    const response = await fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, limit]) : limit });
    setClock(response.headers.get("Date"));
    return response;
  },
  exchanges: [
    mapExchange({
      onError: (error) => {
        if (failureOf(error).kind === "signedOut") endSession();
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: socket().subscribe(
            { query: request.query ?? "", variables: request.variables ?? null },
            { next: ({ data, errors }) => sink.next({ data: data ?? null, ...(errors ? { errors } : {}) }), error: (error) => sink.error(error), complete: () => sink.complete() },
          ),
        }),
      }),
    }),
  ],
});

/** What was asked came to nothing. */
export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

const answered = <Data>({ data, error }: { data?: Data | undefined; error?: CombinedError | undefined }): Data => {
  if (error) throw new Failed(failureOf(error));
  return data as Data;
};

let asked = 0;

/** Asks the service; in a language of its own when one is named. */
export const ask = async <Data, Variables extends AnyVariables>(query: TypedDocumentNode<Data, Variables>, variables: Variables, language?: string): Promise<Data> =>
  // The client would answer a question that is under way already with that one's answer, which may be in another language, or of before a change.
  answered(
    await client
      .executeQuery<Data, Variables>({ ...createRequest(query, variables), key: ++asked }, language ? { fetchOptions: { headers: headers(language) } } : {})
      .toPromise(),
  );

/** Has something done. */
export const act = async <Data, Variables extends AnyVariables>(mutation: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> =>
  answered(await client.mutation(mutation, variables).toPromise());
