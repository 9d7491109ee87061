import "./shell/nonce";
import "./shell/style.css";
import { createRoot } from "react-dom/client";
import { App } from "./shell/App";
import { beginLanguage } from "./shell/language";
import { beginSession, token } from "./shell/session";
import { settings } from "./shell/settings";

beginSession();
// A page kept by the browser for the back button shows what was.
addEventListener("pageshow", (event) => event.persisted && location.reload());
if (settings.signIn.kind === "oidc" && token()) {
  const oidc = settings.signIn;
  void import("./shell/oidc").then(({ keepRenewing }) => keepRenewing(oidc)).catch(() => undefined);
}
await beginLanguage();
const place = document.getElementById("page");
if (place) createRoot(place).render(<App />);
