import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFigures } from "../figures/useFigures";
import { useGrantText } from "../grants/Grants";
import { PlanPrice } from "./PlanPrice";
import type { ShopPlanFragment } from "./purchase.generated";

/** A plan as it is offered. */
export function PlanCard({ plan }: { plan: ShopPlanFragment }) {
  const { t } = useTranslation();
  const { day } = useFigures();
  return (
    <li className={plan.badge ? "plan distinguished" : "plan"}>
      <div className="name">
        <h2>{plan.name}</h2>
        {plan.badge && <span className="badge">{plan.badge}</span>}
      </div>
      {plan.description && <p className="quiet">{plan.description}</p>}
      <PlanPrice plan={plan} />
      <PlanLines plan={plan} />
      <p className="terms">
        {plan.purchaseLimitPerAccount !== null && <span>{t("purchase.limit", { count: plan.purchaseLimitPerAccount })}</span>}
        {plan.remainingStock !== null && plan.remainingStock > 0 && <span>{t("purchase.left", { count: plan.remainingStock })}</span>}
        {plan.onSaleUntil && <span>{t("purchase.until", { at: day(plan.onSaleUntil) })}</span>}
      </p>
      {plan.onSale ? (
        <Link className="go" to={`/purchase?plan=${encodeURIComponent(plan.slug)}`} aria-label={t("purchase.choose", { plan: plan.name })}>
          {t("purchase.buy")}
        </Link>
      ) : (
        <p className="go none">{t("purchase.soldOut")}</p>
      )}
    </li>
  );
}

/** What a plan gives and has. */
export function PlanLines({ plan }: { plan: ShopPlanFragment }) {
  const { t } = useTranslation();
  const grant = useGrantText();
  const bonus = plan.customAmount?.bonuses.at(-1)?.bonusPercent;
  return (
    <ul className="lines">
      {plan.grants.map((one, at) => (
        <li key={at} className="grant">
          {grant(one)}
        </li>
      ))}
      {bonus && <li className="grant">{t("purchase.upTo", { percent: bonus })}</li>}
      {plan.features.map((feature) => (
        <li key={feature}>{feature}</li>
      ))}
    </ul>
  );
}
