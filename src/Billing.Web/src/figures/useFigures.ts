import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { credits, money, type Money } from "./figures";

/** Amounts, credits and moments in the reader's language. */
export function useFigures() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => {
    const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
    return {
      money: (amount: Money) => money(amount, language),
      credits: (decimal: string) => credits(decimal, language),
      moment: (at: string) => moments.format(new Date(at)),
      day: (at: string) => days.format(new Date(at)),
    };
  }, [language]);
}
