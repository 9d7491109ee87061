import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { client } from "./client";
import { onSocket } from "./socket";

// How often a page without a socket asks.
const pollEvery = 2000;

/** Calls `show` with what the subscription pushes, and `poll` every two seconds until the socket is up and whenever it is not. Returns how to stop. */
export function watch<Data, Variables extends AnyVariables>(
  subscription: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  show: (data: Data) => void,
  poll: () => Promise<void>,
): () => void {
  let polling: ReturnType<typeof setInterval> | undefined;
  let asking = false;
  let broken = false;
  let up = false;

  const once = () => {
    if (asking) return;
    asking = true;
    // A failure passes: the next poll or the socket will tell. An ended sign-in is told to the session by the client.
    void poll()
      .catch(() => undefined)
      .finally(() => (asking = false));
  };
  const decide = () => {
    const wanted = broken || !up;
    if (wanted) polling ??= setInterval(once, pollEvery);
    else {
      clearInterval(polling);
      polling = undefined;
    }
  };
  // A phone that comes back from the payment app may have slept through the news.
  const seen = () => document.visibilityState === "visible" && once();

  const { unsubscribe } = client.subscription(subscription, variables).subscribe(({ data, error }) => {
    broken = error !== undefined;
    if (data) show(data);
    decide();
  });
  const forget = onSocket((now) => ((up = now), decide()));
  document.addEventListener("visibilitychange", seen);
  return () => {
    clearInterval(polling);
    polling = undefined;
    document.removeEventListener("visibilitychange", seen);
    forget();
    unsubscribe();
  };
}
