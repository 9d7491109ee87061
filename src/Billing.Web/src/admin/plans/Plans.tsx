import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router";
import { useEffect, useState } from "react";
import { ask } from "../../api/client";
import type { Failure } from "../../api/failure";
import { failureIn, useAsk } from "../../api/hooks";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing, Trouble } from "../../shell/States";
import { PlanForm } from "./PlanForm";
import { PlanOrder } from "./PlanOrder";
import { EveryPlanDocument, PlanTermsDocument } from "./plans.generated";
import type { BothTerms } from "./terms";
import "../../purchase/purchase.css";

/** Every plan, a new one, and one of them. */
export default function Plans() {
  return (
    <Routes>
      <Route path="/" element={<Every />} />
      <Route path="new" element={<New />} />
      <Route path=":slug" element={<One />} />
    </Routes>
  );
}

function Every() {
  const { t } = useTranslation("admin");
  const { data, failure, again } = useAsk(EveryPlanDocument, {});
  return (
    <Page
      title={t("section.plans")}
      aside={
        <Link className="go" to="/admin/plans/new">
          {t("plans.new")}
        </Link>
      }
    >
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={6} />}
      {data?.plans.length === 0 && <Nothing text={t("plans.none")} />}
      {data && data.plans.length > 0 && <PlanOrder key={data.plans.map(({ slug, sortOrder }) => `${slug} ${sortOrder}`).join()} plans={data.plans} done={again} />}
    </Page>
  );
}

const back = (text: string) => <Link to="/admin/plans">{text}</Link>;

function New() {
  const { t } = useTranslation("admin");
  return (
    <Page title={t("plans.new")} aside={back(t("plans.every"))}>
      <PlanForm />
    </Page>
  );
}

function One() {
  const { t } = useTranslation("admin");
  const { slug = "" } = useParams();
  const { both, failure, again } = useBoth(slug);
  return (
    <Page title={t("plans.edit", { slug })} aside={back(t("plans.every"))}>
      {failure && <Failed failure={failure} again={again} />}
      {both === undefined && !failure && <Loading lines={10} />}
      {both === null && <Trouble text={t("plans.noSuch")} />}
      {both && <PlanForm sold={both} />}
    </Page>
  );
}

/** A plan as readers of each language see it: the API tells one of them at a time. */
function useBoth(slug: string) {
  const [both, setBoth] = useState<BothTerms | null>();
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stale = false;
    // One after the other: asked at once, the client takes both for the same question and gives one answer to both.
    const load = async (): Promise<BothTerms | null> => {
      const { plan: en } = await ask(PlanTermsDocument, { slug }, "en");
      const { plan: zh } = await ask(PlanTermsDocument, { slug }, "zh-Hans");
      return en && zh ? { en, zh } : null;
    };
    load().then(
      (found) => stale || setBoth(found),
      (error: unknown) => stale || setFailure(failureIn(error)),
    );
    return () => void (stale = true);
  }, [slug, round]);
  return { both, failure, again: () => (setFailure(undefined), setRound((before) => before + 1)) };
}
