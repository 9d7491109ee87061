import { createClient, type Client } from "graphql-ws";
import i18next from "i18next";
import { token } from "../shell/session";
import { address } from "../shell/settings";

// How often the other side is told that this one is there, and how long it may take to say the same.
const pingEvery = 10_000;
const pongWithin = 5000;

let made: Client | undefined;
let up = false;
const listeners = new Set<(up: boolean) => void>();

/** The one socket of the page, opened when something is first watched. */
export function socket(): Client {
  if (made) return made;
  let deaf: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: () => new URL(address("graphql"), location.href).href.replace(/^http/, "ws"),
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    connectionParams: () => ({ acceptLanguage: i18next.language, ...(token() ? { authorization: `Bearer ${token()}` } : {}) }),
    keepAlive: pingEvery,
    on: {
      connected: () => set(true),
      closed: () => (clearTimeout(deaf), set(false)),
      // A network that changed leaves a socket that is open and silent for ever.
      ping: (received) => {
        if (!received) deaf = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(deaf);
      },
    },
  });
  made = client;
  return client;
}

/** Tells whether the socket is up, now and whenever that changes. */
export function onSocket(listener: (up: boolean) => void): () => void {
  listeners.add(listener);
  listener(up);
  return () => listeners.delete(listener);
}

function set(next: boolean): void {
  up = next;
  for (const listener of listeners) listener(up);
}
