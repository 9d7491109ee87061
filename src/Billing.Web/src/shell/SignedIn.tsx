import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "./Page";
import { Loading, Trouble } from "./States";
import { address, settings } from "./settings";
import { signIn } from "./session";

/** Where the provider of sign-ins sends people back to. */
export default function SignedIn() {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  const taken = useRef(false);
  useEffect(() => {
    // What the address holds is good once.
    if (taken.current || settings.signIn.kind !== "oidc") return;
    taken.current = true;
    const oidc = settings.signIn;
    import("./oidc").then(({ arrive }) => arrive(oidc)).then(
      (back) => location.replace(back),
      () => setFailed(true),
    );
  }, []);
  return <Page title={t("signIn.title")}>{failed ? <Trouble text={t("signIn.failed")} action={t("signIn.again")} onAction={() => void signIn(address("purchase"))} /> : <Loading lines={2} />}</Page>;
}
