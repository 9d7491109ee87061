import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useAsk } from "../api/hooks";
import { Page } from "../shell/Page";
import { Failed, Loading, Nothing, Trouble } from "../shell/States";
import { useSession } from "../shell/session";
import { Checkout } from "./Checkout";
import { OpenOrders } from "./OpenOrders";
import { PlanCard } from "./PlanCard";
import { ShopDocument } from "./purchase.generated";
import "./purchase.css";

/** The plans; or, when one is chosen, its order form. The choice stands in the address, so that the back button takes it back. */
export default function PurchasePage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { person, ended } = useSession();
  const { data, failure, again } = useAsk(ShopDocument, {});
  const slug = search.get("plan");
  const chosen = data?.plans.find((plan) => plan.slug === slug);
  return (
    <Page title={chosen?.name ?? t("purchase.title")} aside={slug && <Link to="/purchase">{t("purchase.back")}</Link>}>
      {person && !ended && !slug && <OpenOrders account={person.name} />}
      {failure && !data && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={8} />}
      {data && slug && !chosen && <Trouble text={t("purchase.gone")} />}
      {chosen ? (
        <Checkout key={chosen.slug} plan={chosen} account={ended ? undefined : person?.name} reload={again} />
      ) : (
        data &&
        (data.plans.length === 0 ? (
          <Nothing text={t("purchase.none")} />
        ) : (
          <ul className="plans">
            {data.plans.map((plan) => (
              <PlanCard key={plan.id} plan={plan} />
            ))}
          </ul>
        ))
      )}
    </Page>
  );
}
