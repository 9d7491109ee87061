import { lazy, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Route, Routes } from "react-router";
import { NotFound } from "../shell/NotFound";
import { Page } from "../shell/Page";
import { SignInFirst, Trouble } from "../shell/States";
import { addTexts } from "../shell/language";
import { useSession } from "../shell/session";
import { SearchBox } from "./search/SearchBox";
import { Tell } from "./acts/tell";
import "./admin.css";

// The texts of this part come with it. It is loaded on demand, and waits for them.
await addTexts("admin", { en: () => import("./texts/en"), "zh-Hans": () => import("./texts/zh-Hans") });

// A section is a line here, a text, and a folder.
const sections = [
  { path: "", name: "overview", Section: lazy(() => import("./overview/Overview")) },
  { path: "orders", name: "orders", Section: lazy(() => import("./orders/Orders")) },
  { path: "work", name: "work", Section: lazy(() => import("./work/WorkItems")) },
  { path: "refunds", name: "refunds", Section: lazy(() => import("./refunds/RefundQueue")) },
  { path: "plans", name: "plans", Section: lazy(() => import("./plans/Plans")) },
  { path: "codes", name: "codes", Section: lazy(() => import("./codes/Codes")) },
  { path: "accounts", name: "accounts", Section: lazy(() => import("./accounts/Accounts")) },
  { path: "webhooks", name: "webhooks", Section: lazy(() => import("./webhooks/Webhooks")) },
  { path: "callbacks", name: "callbacks", Section: lazy(() => import("./callbacks/Inbox")) },
  { path: "methods", name: "methods", Section: lazy(() => import("./methods/MethodHealth")) },
  { path: "reconciliations", name: "reconciliations", Section: lazy(() => import("./reconciliations/Reconciliations")) },
  { path: "audit", name: "audit", Section: lazy(() => import("./audit/Audit")) },
] as const;
const Found = lazy(() => import("./search/Found"));

// Long enough to be read.
const toldFor = 6000;

/** The administrators' part: a menu, one box that finds everything, and a section at each address below `/admin`. The server decides who may see what; this only spares others an empty page. */
export default function Administration() {
  const { t } = useTranslation("admin");
  const { person, ended } = useSession();
  const [told, setTold] = useState("");
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(""), toldFor);
    return () => clearTimeout(timer);
  }, [told]);
  const tell = useCallback((text: string) => setTold(text), []);
  // An ended sign-in leaves what is shown; the frame says that it ended.
  if (!person && !ended) {
    return (
      <Page title={t("title")}>
        <SignInFirst text={t("signIn")} />
      </Page>
    );
  }
  if (person && !person.administrator) {
    return (
      <Page title={t("title")}>
        <Trouble text={t("forbidden")} />
      </Page>
    );
  }
  return (
    <Tell value={tell}>
      <div className="administration">
        <div className="aside">
          <SearchBox />
          <nav className="sections" aria-label={t("menu")}>
            {sections.map(({ path, name }) => (
              <NavLink key={name} to={path === "" ? "/admin" : `/admin/${path}`} end={path === ""}>
                {t(`section.${name}`)}
              </NavLink>
            ))}
          </nav>
        </div>
        <div className="section">
          <Routes>
            {sections.map(({ path, name, Section }) => (
              <Route key={name} path={path === "" ? "/" : `${path}/*`} element={<Section />} />
            ))}
            <Route path="search" element={<Found />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </div>
      </div>
      <p className={told ? "told" : "unseen"} role="status">
        {told}
      </p>
    </Tell>
  );
}
