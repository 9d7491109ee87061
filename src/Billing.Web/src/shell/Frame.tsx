import CrownOutlined from "@ant-design/icons/CrownOutlined";
import GiftOutlined from "@ant-design/icons/GiftOutlined";
import ShoppingOutlined from "@ant-design/icons/ShoppingOutlined";
import UnorderedListOutlined from "@ant-design/icons/UnorderedListOutlined";
import WalletOutlined from "@ant-design/icons/WalletOutlined";
import { Button } from "antd";
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useLocation } from "react-router";
import { Choice } from "./Choice";
import { speak } from "./language";
import { canSignIn, signIn, signOut, useSession } from "./session";
import { settings } from "./settings";
import { useScheme, type Scheme } from "./Theme";

const languageNames: Record<string, string> = { en: "English", "zh-Hans": "简体中文" };

/** What is around every page. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { person, ended } = useSession();
  const online = useOnline();
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  const { brand } = settings;
  return (
    <>
      {/* Not by its address: that would be taken from the base. */}
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t("frame.skip")}
      </button>
      <header className="top">
        <Link to="/purchase" className="brand">
          {brand.logoUrl && <img src={brand.logoUrl} alt="" width={28} height={28} />}
          {brand.name}
        </Link>
        <nav className="main" aria-label={t("frame.main")}>
          <NavLink to="/purchase">
            <ShoppingOutlined aria-hidden />
            <span>{t("nav.shop")}</span>
          </NavLink>
          <NavLink to="/orders">
            <UnorderedListOutlined aria-hidden />
            <span>{t("nav.orders")}</span>
          </NavLink>
          <NavLink to="/redeem">
            <GiftOutlined aria-hidden />
            <span>{t("nav.redeem")}</span>
          </NavLink>
          <NavLink to="/account">
            <WalletOutlined aria-hidden />
            <span>{t("nav.account")}</span>
          </NavLink>
          {person?.administrator && (
            <NavLink to="/admin">
              <CrownOutlined aria-hidden />
              <span>{t("nav.admin")}</span>
            </NavLink>
          )}
        </nav>
        <div className="who">
          {person && !ended ? (
            <>
              <span className="name">{person.name}</span>
              <Button type="text" onClick={() => void signOut()}>
                {t("signIn.out")}
              </Button>
            </>
          ) : (
            canSignIn && <Button onClick={() => void signIn()}>{t("signIn.action")}</Button>
          )}
        </div>
      </header>
      <div aria-live="polite">{!online && <p className="banner">{t("frame.offline")}</p>}</div>
      {ended && (
        <div className="banner" role="alert">
          <span>{t("signIn.ended")}</span> <Button onClick={() => void signIn()}>{t("signIn.again")}</Button>
        </div>
      )}
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="bottom">
        <Choices />
      </footer>
    </>
  );
}

function Choices() {
  const { t, i18n } = useTranslation();
  const { scheme, choose } = useScheme();
  return (
    <>
      {settings.languages.length > 1 && (
        <Choice label={t("frame.language")} value={i18n.language} choose={(language) => void speak(language)}>
          {settings.languages.map((language) => (
            <option key={language} value={language} lang={language}>
              {languageNames[language] ?? language}
            </option>
          ))}
        </Choice>
      )}
      <Choice label={t("frame.appearance")} value={scheme} choose={(chosen) => choose(chosen as Scheme)}>
        {(["system", "light", "dark"] as const).map((one) => (
          <option key={one} value={one}>
            {t(`frame.scheme.${one}`)}
          </option>
        ))}
      </Choice>
    </>
  );
}

/** After a change of pages the keyboard begins at the new one, and it shows from its top. Who has begun to type while it was coming goes on typing. */
function useArrival(main: { current: HTMLElement | null }): void {
  const { pathname, search } = useLocation();
  const before = useRef(pathname + search);
  useEffect(() => {
    if (before.current === pathname + search) return;
    before.current = pathname + search;
    scrollTo(0, 0);
    if (!document.activeElement?.matches("input, textarea")) main.current?.focus({ preventScroll: true });
  }, [main, pathname, search]);
}

function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      addEventListener("online", changed);
      addEventListener("offline", changed);
      return () => (removeEventListener("online", changed), removeEventListener("offline", changed));
    },
    () => navigator.onLine,
  );
}
