import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { fromMinorUnits } from "../../figures/figures";
import { PlanCard } from "../../purchase/PlanCard";
import { Choice, Entry, Form, Group } from "../acts/Form";
import { inField, type Reading } from "../acts/reading";
import { useTell } from "../acts/tell";
import { GrantRows, Rows } from "./Rows";
import { CreatePlanDocument, UpdatePlanDocument } from "./plans.generated";
import { previewOf, termsOf, type BothTerms } from "./terms";

/** All terms of a plan: of a new one, or of one that is sold. The buyer's card shows what they come to. */
export function PlanForm({ sold }: { sold?: BothTerms }) {
  const { t, i18n } = useTranslation("admin");
  const navigate = useNavigate();
  const tell = useTell();
  const done = (payload: { plan: { slug: string } | null }) => {
    tell(t("plans.saved", { slug: payload.plan?.slug ?? "" }));
    void navigate("/admin/plans");
  };
  const says = (form: Reading) => (
    <>
      <h2>{t("plans.preview")}</h2>
      {/* To look at: nothing in it can be pressed. */}
      <ul className="plans preview" inert>
        <PlanCard plan={previewOf(form, sold?.en.slug ?? form.written("slug"), i18n.language === "zh-Hans")} />
      </ul>
    </>
  );
  return (
    <div className="panel">
      {sold ? (
        <Form
          mutation={UpdatePlanDocument}
          pick={({ updatePlan }) => updatePlan}
          note="needed"
          submit={t("plans.save")}
          says={says}
          input={(form) => ({ input: { slug: sold.en.slug, note: form.written("note"), ...termsOf(form, sold.en) } })}
          done={(payload) => done(payload)}
        >
          <Fields sold={sold} />
        </Form>
      ) : (
        <Form
          mutation={CreatePlanDocument}
          pick={({ createPlan }) => createPlan}
          note="optional"
          submit={t("plans.make")}
          says={says}
          input={(form) => ({ input: { slug: form.text("slug"), note: form.optional("note"), plan: termsOf(form).plan } })}
          done={(payload) => done(payload)}
        >
          <Entry name="slug" kind="code" label={t("plans.slug")} hint={t("plans.slugHint")} />
          <Fields />
        </Form>
      )}
    </div>
  );
}

function Fields({ sold }: { sold?: BothTerms }) {
  const { t } = useTranslation("admin");
  const en = sold?.en;
  // What is not written in Chinese is told in English.
  const zh = (name: "name" | "description" | "badge") => (sold && sold.zh[name] !== sold.en[name] ? sold.zh[name] : null);
  const zhFeatures = sold && sold.zh.features.join("\n") !== sold.en.features.join("\n") ? sold.zh.features.join("\n") : "";
  const amount = (money: { minorUnits: number; currency: string } | null | undefined) => (money ? fromMinorUnits(money.minorUnits, money.currency) : "");
  const [custom, setCustom] = useState(Boolean(en?.customAmount));
  return (
    <>
      <Group name="name" label={t("plans.texts")}>
        <div className="pairs both">
          <Entry name="name.en" label={t("plans.nameEn")} value={en?.name} />
          <Entry name="name.zh" label={t("plans.nameZh")} value={zh("name")} />
          <Entry name="description.en" kind="area" label={t("plans.descriptionEn")} value={en?.description} />
          <Entry name="description.zh" kind="area" label={t("plans.descriptionZh")} value={zh("description")} />
          <Entry name="badge.en" label={t("plans.badgeEn")} value={en?.badge} />
          <Entry name="badge.zh" label={t("plans.badgeZh")} value={zh("badge")} />
        </div>
      </Group>
      <Group name="features" label={t("plans.features")}>
        <div className="pairs both">
          <Entry name="features.en" kind="area" rows={4} label={t("plans.featuresEn")} hint={t("plans.featuresHint")} value={en?.features.join("\n")} />
          <Entry name="features.zh" kind="area" rows={4} label={t("plans.featuresZh")} hint={t("plans.featuresZhHint")} value={zhFeatures} />
        </div>
      </Group>
      <Group label={t("plans.money")}>
        <div className="pairs">
          <Entry name="currency" kind="code" label={t("plans.currency")} value={en?.price.currency ?? "CNY"} />
          <Entry name="price" kind="decimal" label={t("plans.price")} hint={custom ? t("plans.priceProposed") : undefined} value={amount(en?.price)} />
          <Entry name="listPrice" kind="decimal" label={t("plans.listPrice")} hint={t("plans.listPriceHint")} value={amount(en?.listPrice)} />
        </div>
      </Group>
      <Group name="grants" label={t("plans.grants")}>
        <GrantRows grants={en?.grants ?? (sold ? [] : [{ __typename: "CreditGrant", credits: "", validDays: null }])} />
      </Group>
      <Group name="customAmount" label={t("plans.custom")}>
        <label className="tick">
          <input type="checkbox" name="custom" checked={custom} onChange={({ target }) => setCustom(target.checked)} />
          <span>{t("plans.customTick")}</span>
        </label>
        {custom && (
          <>
            <div className="pairs">
              <Entry name="customAmount.minimum" kind="decimal" label={t("plans.minimum")} value={amount(en?.customAmount?.minimum)} />
              <Entry name="customAmount.maximum" kind="decimal" label={t("plans.maximum")} value={amount(en?.customAmount?.maximum)} />
              <Entry name="customAmount.creditsPerUnit" kind="decimal" label={t("plans.creditsPerUnit")} value={en?.customAmount?.creditsPerUnit} />
              <Entry name="customAmount.validDays" kind="whole" label={t("plans.validDays")} value={en?.customAmount?.validDays} />
            </div>
            <Rows name="bonuses" first={en?.customAmount?.bonuses.length ?? 0} add={t("plans.addBonus")} remove={t("plans.removeBonus")}>
              {(row) => (
                <>
                  <Entry name={`bonuses.${row}.from`} kind="decimal" label={t("plans.bonusFrom")} value={amount(en?.customAmount?.bonuses[row]?.from)} />
                  <Entry name={`bonuses.${row}.percent`} kind="decimal" label={t("plans.bonusPercent")} value={en?.customAmount?.bonuses[row]?.bonusPercent} />
                </>
              )}
            </Rows>
          </>
        )}
      </Group>
      <Group label={t("plans.limits")}>
        <div className="pairs">
          <Choice
            name="onSale"
            label={t("plans.onSale")}
            value={sold ? "" : "yes"}
            options={[...(sold ? ([["", t("plans.asItIs")]] as const) : []), ["yes", t("plans.sold")], ["no", t("plans.notSold")]]}
          />
          <Entry name="stock" kind="whole" label={t("plans.stock")} hint={t("plans.stockHint")} value={en?.remainingStock} />
          <Entry name="purchaseLimitPerAccount" kind="whole" label={t("plans.limit")} hint={t("plans.stockHint")} value={en?.purchaseLimitPerAccount} />
          <Entry name="onSaleFrom" kind="moment" label={t("plans.from")} value={inField(en?.onSaleFrom)} />
          <Entry name="onSaleUntil" kind="moment" label={t("plans.until")} value={inField(en?.onSaleUntil)} />
        </div>
      </Group>
    </>
  );
}

