import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Route, Routes } from "react-router";
import { NotFound } from "../shell/NotFound";
import { Page } from "../shell/Page";
import { SignInFirst, Trouble } from "../shell/States";
import { addTexts } from "../shell/language";
import { useSession } from "../shell/session";
import "./admin.css";

// The texts of this part come with it. It is loaded on demand, and waits for them.
await addTexts("admin", { en: () => import("./texts/en"), "zh-Hans": () => import("./texts/zh-Hans") });

// A section is a line here, a text, and a folder.
const sections = [{ path: "", name: "overview", Section: lazy(() => import("./Overview")) }] as const;

/** The administrators' part: a menu, and a section at each address below `/admin`. The server decides who may see what; this only spares others an empty page. */
export default function Administration() {
  const { t } = useTranslation("admin");
  const { person, ended } = useSession();
  if (!person || ended) {
    return (
      <Page title={t("title")}>
        <SignInFirst text={t("signIn")} />
      </Page>
    );
  }
  if (!person.administrator) {
    return (
      <Page title={t("title")}>
        <Trouble text={t("forbidden")} />
      </Page>
    );
  }
  return (
    <div className="administration">
      <nav className="sections" aria-label={t("menu")}>
        {sections.map(({ path, name }) => (
          <NavLink key={name} to={`/admin/${path}`} end={path === ""}>
            {t(`section.${name}`)}
          </NavLink>
        ))}
      </nav>
      <div>
        <Routes>
          {sections.map(({ path, name, Section }) => (
            <Route key={name} path={path === "" ? "/" : `${path}/*`} element={<Section />} />
          ))}
          <Route path="*" element={<NotFound />} />
        </Routes>
      </div>
    </div>
  );
}
