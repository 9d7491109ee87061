import { fromMicro, toMicro } from "../../figures/figures";
import type { GrantInput, LocalizedTextInput, PlanField, PlanInput } from "../../schema.generated";
import type { ShopPlanFragment } from "../../purchase/purchase.generated";
import type { Reading } from "../acts/reading";

/** A plan as the API tells it in one language, with what only administrators change. */
export type Terms = ShopPlanFragment & { onSaleFrom: string | null; sortOrder: number };

/** A plan in both languages. */
export interface BothTerms {
  en: Terms;
  zh: Terms;
}

/** The rows of a form that may have several, by their numbers. */
export const rowsOf = (form: Reading, name: string): string[] => form.all(`${name}.row`);

const text = (form: Reading, name: string, needed = false): LocalizedTextInput | null => {
  const [en, zhHans] = [needed ? form.text(`${name}.en`) : form.optional(`${name}.en`), form.optional(`${name}.zh`)];
  if (en === null && zhHans !== null) form.complain(`${name}.en`, "needed");
  return en === null ? null : { en, zhHans };
};

/** Lines of two fields that belong together, one below the other. */
export function pairedLines(en: string, zh: string): LocalizedTextInput[] {
  const lines = (written: string) => written.split("\n").map((line) => line.trim());
  const chinese = lines(zh);
  return lines(en).flatMap((line, at) => (line ? [{ en: line, zhHans: chinese[at] || null }] : []));
}

/** What the rows of grants say. */
export const grantsOf = (form: Reading): GrantInput[] =>
  rowsOf(form, "grants").map((row) =>
    form.written(`grants.${row}.kind`) === "subscription"
      ? { subscription: { tier: form.text(`grants.${row}.tier`), days: form.whole(`grants.${row}.days`) } }
      : { credits: { credits: form.decimal(`grants.${row}.credits`), validDays: form.optionalWhole(`grants.${row}.validDays`) } },
  );

/** What the form says of a plan. Of one that there is, the fields that were emptied are cleared. */
export function termsOf(form: Reading, sold?: Terms): { plan: PlanInput; clear: PlanField[] } {
  const currency = form.text("currency").toUpperCase();
  const chosen = form.checked("custom");
  const stock = form.optionalWhole("stock");
  const onSale = form.written("onSale");
  const plan: PlanInput = {
    name: text(form, "name", true),
    description: text(form, "description"),
    badge: text(form, "badge"),
    features: pairedLines(form.written("features.en"), form.written("features.zh")),
    price: form.money("price", currency),
    listPrice: form.optionalMoney("listPrice", currency),
    grants: grantsOf(form),
    customAmount: chosen
      ? {
          minimum: form.money("customAmount.minimum", currency),
          maximum: form.money("customAmount.maximum", currency),
          creditsPerUnit: form.decimal("customAmount.creditsPerUnit"),
          validDays: form.optionalWhole("customAmount.validDays"),
          bonuses: rowsOf(form, "bonuses").map((row) => ({ from: form.money(`bonuses.${row}.from`, currency), bonusPercent: form.decimal(`bonuses.${row}.percent`) })),
        }
      : null,
    purchaseLimitPerAccount: form.optionalWhole("purchaseLimitPerAccount"),
    // While somebody edits, others buy: a number that was not touched is not written back.
    stock: stock === (sold?.remainingStock ?? null) ? null : stock,
    onSale: onSale === "" ? null : onSale === "yes",
    onSaleFrom: form.moment("onSaleFrom"),
    onSaleUntil: form.moment("onSaleUntil"),
  };
  const clear: PlanField[] = [];
  const emptied = (field: PlanField, was: unknown, is: unknown) => {
    if (was !== null && was !== undefined && is === null) clear.push(field);
  };
  if (sold) {
    emptied("BADGE", sold.badge, plan.badge);
    emptied("CUSTOM_AMOUNT", sold.customAmount, plan.customAmount);
    emptied("DESCRIPTION", sold.description, plan.description);
    emptied("LIST_PRICE", sold.listPrice, plan.listPrice);
    emptied("ON_SALE_FROM", sold.onSaleFrom, plan.onSaleFrom);
    emptied("ON_SALE_UNTIL", sold.onSaleUntil, plan.onSaleUntil);
    emptied("PURCHASE_LIMIT_PER_ACCOUNT", sold.purchaseLimitPerAccount, plan.purchaseLimitPerAccount);
    emptied("STOCK", sold.remainingStock, stock);
  }
  return { plan, clear };
}

/** The card that buyers would see, as far as the form can be read. */
export function previewOf(form: Reading, slug: string, chinese: boolean): ShopPlanFragment {
  const { plan } = termsOf(form);
  const say = (words: LocalizedTextInput | null | undefined) => (words ? (chinese && words.zhHans) || words.en : null);
  const { customAmount: custom } = plan;
  const number = (decimal: string) => (/^\d+(\.\d{1,6})?$/.test(decimal) ? fromMicro(toMicro(decimal)) : "0");
  return {
    id: slug,
    slug,
    name: say(plan.name) ?? "",
    description: say(plan.description),
    badge: say(plan.badge),
    features: (plan.features ?? []).map((line) => say(line) ?? ""),
    price: plan.price!,
    listPrice: plan.listPrice ?? null,
    purchaseLimitPerAccount: plan.purchaseLimitPerAccount ?? null,
    remainingStock: form.optionalWhole("stock"),
    onSale: plan.onSale !== false,
    onSaleUntil: plan.onSaleUntil ?? null,
    grants: (plan.grants ?? []).flatMap((grant): ShopPlanFragment["grants"] =>
      grant.credits
        ? [{ __typename: "CreditGrant", credits: number(grant.credits.credits), validDays: grant.credits.validDays ?? null }]
        : grant.subscription
          ? [{ __typename: "SubscriptionGrant", tier: grant.subscription.tier, days: grant.subscription.days }]
          : [],
    ),
    customAmount: custom
      ? {
          creditsPerUnit: number(custom.creditsPerUnit),
          validDays: custom.validDays ?? null,
          minimum: custom.minimum,
          maximum: custom.maximum,
          bonuses: (custom.bonuses ?? []).map(({ from, bonusPercent }) => ({ from, bonusPercent: number(bonusPercent) })),
        }
      : null,
  };
}
