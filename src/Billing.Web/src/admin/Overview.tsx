import { useTranslation } from "react-i18next";
import { Page } from "../shell/Page";

/** What an administrator sees first. */
export default function Overview() {
  const { t } = useTranslation("admin");
  return (
    <Page title={t("title")}>
      <p>{t("welcome")}</p>
    </Page>
  );
}
