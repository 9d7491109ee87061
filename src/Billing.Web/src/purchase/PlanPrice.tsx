import { useTranslation } from "react-i18next";
import { useFigures } from "../figures/useFigures";
import type { ShopPlanFragment } from "./purchase.generated";

/** What a plan costs, and what it would. */
export function PlanPrice({ plan }: { plan: ShopPlanFragment }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  const { customAmount: custom, listPrice } = plan;
  return (
    <p className="price">
      <strong>{custom ? t("purchase.range", { from: money(custom.minimum), to: money(custom.maximum) }) : money(plan.price)}</strong>
      {listPrice && !custom && (
        <s>
          <span className="unseen">{t("purchase.instead")} </span>
          {money(listPrice)}
        </s>
      )}
    </p>
  );
}
