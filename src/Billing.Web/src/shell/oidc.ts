import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { keepToken } from "./session";
import { address, type Settings } from "./settings";

// Loaded when somebody signs in, and where a sign-in is to be renewed. The flow is the code flow with PKCE; nothing secret is on this side.
type Oidc = Extract<Settings["signIn"], { kind: "oidc" }>;

let made: UserManager | undefined;

function manager({ authority, clientId, scope }: Oidc): UserManager {
  if (made) return made;
  made = new UserManager({
    authority,
    client_id: clientId,
    scope,
    redirect_uri: new URL(address("signed-in"), location.origin).href,
    response_type: "code",
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
  });
  made.events.addUserLoaded((user) => keepToken(user.access_token));
  return made;
}

export async function goAndSignIn(oidc: Oidc, back: string): Promise<void> {
  await manager(oidc).signinRedirect({ state: back });
}

/** Takes what the provider sent in the address, and gives the place to come back to. */
export async function arrive(oidc: Oidc): Promise<string> {
  const user = await manager(oidc).signinRedirectCallback();
  keepToken(user.access_token);
  // What came back was written by this tab; still, it stays on this host.
  return typeof user.state === "string" && user.state.startsWith(address("")) && !user.state.startsWith("//") ? user.state : address("purchase");
}

/** Renews the sign-in before it ends, where the provider gave a refresh token. */
export async function keepRenewing(oidc: Oidc): Promise<void> {
  const user = await manager(oidc).getUser();
  if (user?.expired && user.refresh_token) await manager(oidc).signinSilent();
}

export async function forget(oidc: Oidc): Promise<void> {
  await manager(oidc).removeUser();
}
