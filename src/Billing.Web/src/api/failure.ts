import type { CombinedError } from "@urql/core";

/** Why a request as a whole came to nothing; what depends on the state of things is a typed error of the payload instead. */
export type Failure =
  /** No answer that can be read: nothing is known about what was asked. */
  | { kind: "unreachable" }
  /** It may have happened, or did not happen yet: the same again settles it. */
  | { kind: "again" }
  | { kind: "signedOut" }
  | { kind: "forbidden" }
  /** Something else, in the service's words. */
  | { kind: "refused"; message: string };

export function failureOf(error: Pick<CombinedError, "networkError" | "graphQLErrors" | "response">): Failure {
  const status = (error.response as { status?: number } | undefined)?.status;
  const first = error.graphQLErrors[0];
  if (status === 401 && !first) return { kind: "signedOut" };
  if (!first) return { kind: "unreachable" };
  switch (first.extensions?.code) {
    case "AUTH_NOT_AUTHENTICATED":
      return { kind: "signedOut" };
    case "AUTH_NOT_AUTHORIZED":
      return { kind: "forbidden" };
    case "OUTCOME_UNKNOWN":
    case "TRY_AGAIN":
      return { kind: "again" };
    default:
      return { kind: "refused", message: first.message };
  }
}
