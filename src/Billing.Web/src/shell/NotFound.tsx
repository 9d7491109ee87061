import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Page } from "./Page";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")}>
      <p>
        {t("notFound.text")} <Link to="/purchase">{t("nav.shop")}</Link>
      </p>
    </Page>
  );
}
