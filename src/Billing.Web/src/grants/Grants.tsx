import { useTranslation } from "react-i18next";
import { useFigures } from "../figures/useFigures";
import type { GrantLineFragment } from "./grants.generated";

/** Grants in words. */
export function useGrantText(): (grant: GrantLineFragment) => string {
  const { t } = useTranslation();
  const { credits } = useFigures();
  return (grant) => {
    if (grant.__typename === "SubscriptionGrant") return t("grants.subscription", { tier: grant.tier, count: grant.days });
    const amount = credits(grant.credits);
    return grant.validDays ? t("grants.lapsing", { credits: amount, count: grant.validDays }) : t("grants.credits", { credits: amount });
  };
}

export function Grants({ grants }: { grants: readonly GrantLineFragment[] }) {
  const text = useGrantText();
  return (
    <ul className="grants">
      {grants.map((grant, at) => (
        <li key={at}>{text(grant)}</li>
      ))}
    </ul>
  );
}
