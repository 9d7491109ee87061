import { createClient } from "graphql-ws";
import { signOut, token } from "./session";

/** The service did not answer: nothing is known about what was asked. */
export class Unreachable extends Error {}

/** The request was refused as a whole. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** A typed error in a payload. */
export interface Problem {
  __typename: string;
  message: string;
  code: string;
}

export async function ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const bearer = token();
  let response: Response;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
  } catch {
    throw new Unreachable("The service cannot be reached. Nothing is lost: try again.");
  }
  if (response.status === 401) {
    signOut();
    throw new Refused("Your sign-in has ended. Sign in again.", "AUTH_NOT_AUTHENTICATED");
  }
  let body: { data?: T; errors?: { message: string; extensions?: { code?: string } }[] };
  try {
    body = (await response.json()) as typeof body;
  } catch {
    throw new Unreachable("The service gave no answer that can be read. Nothing is lost: try again.");
  }
  const error = body.errors?.[0];
  if (error) {
    const code = error.extensions?.code ?? "";
    if (code === "AUTH_NOT_AUTHENTICATED") signOut();
    throw code === "OUTCOME_UNKNOWN" || code === "TRY_AGAIN" ? new Unreachable(error.message) : new Refused(error.message, code);
  }
  return body.data as T;
}

/**
 * Calls `show` with what the subscription pushes, and with what `poll` finds every two seconds while the socket is down. Returns how to stop.
 */
export function watch<T>(query: string, variables: Record<string, unknown>, show: (data: T) => void, poll: () => Promise<T | null>): () => void {
  let polling: ReturnType<typeof setInterval> | undefined;
  const startPolling = () => {
    polling ??= setInterval(() => void poll().then((data) => data && show(data), () => undefined), 2000);
  };
  const stopPolling = () => {
    clearInterval(polling);
    polling = undefined;
  };
  const bearer = token();
  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    ...(bearer ? { connectionParams: { authorization: `Bearer ${bearer}` } } : {}),
    on: { connected: stopPolling, closed: startPolling },
  });
  const end = client.subscribe<T>(
    { query, variables },
    { next: ({ data }) => data && show(data), error: startPolling, complete: startPolling },
  );
  return () => {
    end();
    stopPolling();
    void client.dispose();
  };
}
