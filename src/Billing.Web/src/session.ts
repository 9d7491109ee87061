// The token of who is signed in. It lives as long as the tab, and leaves the address bar at once.
const key = "billing.token";

/** Takes a token that sign-in left in the fragment. */
export function takeToken(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  sessionStorage.setItem(key, given);
  history.replaceState(null, "", location.pathname + location.search);
}

export const token = (): string | null => sessionStorage.getItem(key);

export function signOut(): void {
  sessionStorage.removeItem(key);
}

export const signInAddress = (): string => `/dev/sign-in?return=${encodeURIComponent(location.pathname + location.search)}`;

/** Who the token says it is, for showing; the server alone decides what it is worth. */
export function subject(): { name: string; administrator: boolean } | null {
  const payload = token()?.split(".")[1];
  if (!payload) return null;
  try {
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: string; roles?: string | string[] };
    return { name: claims.sub ?? "", administrator: [claims.roles ?? []].flat().includes("billing:admin") };
  } catch {
    return null;
  }
}
