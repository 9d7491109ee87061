import { useSyncExternalStore } from "react";
import { address, settings } from "./settings";

// The token of who is signed in. It lives as long as the tab.
const key = "billing.token";

/** Who the token says it is, for showing; the server alone decides what it is worth. */
export interface Person {
  name: string;
  administrator: boolean;
}
interface Session {
  person: Person | null;
  /** Whether there was a sign-in that has ended. */
  ended: boolean;
}

const listeners = new Set<() => void>();
let session: Session = { person: null, ended: false };

export const token = (): string | null => sessionStorage.getItem(key);

/** Begins with what the tab holds, or with what the development sign-in left in the fragment, which leaves the address bar at once. */
export function beginSession(): void {
  const given = settings.signIn.kind === "development" ? new URLSearchParams(location.hash.slice(1)).get("token") : null;
  if (given) {
    sessionStorage.setItem(key, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  set({ person: personOf(token()), ended: false });
}

/** Takes a token, of a sign-in or of its renewal. */
export function keepToken(fresh: string): void {
  sessionStorage.setItem(key, fresh);
  set({ person: personOf(fresh), ended: false });
}

/** The server does not believe the token any more. What is on the page stays. */
export function endSession(): void {
  if (token() === null) return;
  sessionStorage.removeItem(key);
  set({ ...session, ended: true });
}

/** Goes to sign in, and comes back to this place. */
export async function signIn(back: string = location.pathname + location.search): Promise<void> {
  if (settings.signIn.kind === "development") return location.assign(`${address("dev/sign-in")}?return=${encodeURIComponent(back)}`);
  if (settings.signIn.kind === "oidc") await (await import("./oidc")).goAndSignIn(settings.signIn, back);
}

export async function signOut(): Promise<void> {
  sessionStorage.removeItem(key);
  if (settings.signIn.kind === "oidc") await (await import("./oidc")).forget(settings.signIn);
  location.assign(address("purchase"));
}

export const canSignIn = settings.signIn.kind !== "none";

export const useSession = (): Session => useSyncExternalStore(subscribe, () => session);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function personOf(bearer: string | null): Person | null {
  const payload = bearer?.split(".")[1];
  if (!payload) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; name?: string; roles?: string | string[] };
    return { name: claims.sub ?? "", administrator: [claims.roles ?? []].flat().includes("billing:admin") };
  } catch {
    return null;
  }
}
