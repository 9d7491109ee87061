import { useTranslation } from "react-i18next";
import { Copyable } from "../shell/Copyable";
import { supportAddress } from "../shell/settings";

/** The way to a person, with the order's number. */
export function Support({ number }: { number: string }) {
  const { t } = useTranslation();
  const address = supportAddress(number);
  if (address) {
    return (
      <a className="support" href={address} rel="noreferrer" target="_blank">
        {t("order.support")}
      </a>
    );
  }
  return (
    <p>
      {t("order.supportHow")} <Copyable text={number} />
    </p>
  );
}
