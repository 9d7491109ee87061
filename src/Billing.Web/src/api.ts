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

// Longer than the service takes over anything; a request without an end would leave the page waiting without a word.
const patience = 15_000;

/** How far the service's clock is ahead of this one. */
let ahead = 0;

/** The time by the service's clock, which is the one that deadlines are by. */
export const now = (): number => Date.now() + ahead;

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
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Unreachable("The service cannot be reached. Nothing is lost: try again.");
  }
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) ahead = date - Date.now();
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

// How often a page without a socket asks, how often it tells the other side that it is there, and how long it waits to hear the same.
const pollEvery = 2000;
const pingEvery = 10_000;
const pongWithin = 5000;

/**
 * Calls `show` with what the subscription pushes, and with what `poll` finds every two seconds until the socket is up and whenever it is down. Ends with `signedOut` when
 * the sign-in has ended. Returns how to stop.
 */
export function watch<T>(query: string, variables: Record<string, unknown>, show: (data: T) => void, poll: () => Promise<T | null>, signedOut: (error: Refused) => void): () => void {
  let polling: ReturnType<typeof setInterval> | undefined;
  let deaf: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let stopped = false;

  const once = async () => {
    if (asking || stopped) return;
    asking = true;
    try {
      const data = await poll();
      if (data && !stopped) show(data);
    } catch (error) {
      // Anything else passes: the next poll or the socket will tell.
      if (error instanceof Refused && error.code === "AUTH_NOT_AUTHENTICATED" && !stopped) {
        stop();
        signedOut(error);
      }
    }
    asking = false;
  };
  const startPolling = () => {
    if (!stopped) polling ??= setInterval(() => void once(), pollEvery);
  };
  const stopPolling = () => {
    clearInterval(polling);
    polling = undefined;
  };
  // A phone that comes back from the payment app may have slept through the news.
  const seen = () => {
    if (document.visibilityState === "visible") void once();
  };

  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    connectionParams: () => (token() ? { authorization: `Bearer ${token()}` } : {}),
    keepAlive: pingEvery,
    on: {
      connected: stopPolling,
      closed: () => (clearTimeout(deaf), startPolling()),
      // A network that changed leaves a socket that is open and silent for ever.
      ping: (received) => {
        if (!received) deaf = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(deaf);
      },
    },
  });
  const end = client.subscribe<T>({ query, variables }, { next: ({ data }) => data && !stopped && show(data), error: startPolling, complete: startPolling });
  document.addEventListener("visibilitychange", seen);
  startPolling();
  return stop;

  function stop(): void {
    stopped = true;
    stopPolling();
    clearTimeout(deaf);
    document.removeEventListener("visibilitychange", seen);
    end();
    void client.dispose();
  }
}
