import { ask, Refused, Unreachable, type Problem } from "./api";
import { alertLine, failure, fill, frame, h } from "./page";
import { signInAddress, subject } from "./session";
import { answered, unanswered, writeDown, type Wish } from "./wishes";

interface Money {
  minorUnits: number;
  currency: string;
  formatted: string;
}
interface Plan {
  slug: string;
  name: string;
  description: string | null;
  price: Money;
  listPrice: Money | null;
  grants: ({ __typename: "CreditGrant"; credits: string; validDays: number | null } | { __typename: "SubscriptionGrant"; tier: string; days: number })[];
  customAmount: { minimum: Money; maximum: Money; creditsPerUnit: string; bonuses: { from: Money; bonusPercent: string }[] } | null;
  features: string[];
  badge: string | null;
  purchaseLimitPerAccount: number | null;
  remainingStock: number | null;
  onSale: boolean;
}
interface Method {
  id: string;
  name: string;
}
interface Placed {
  placeOrder: { order: { number: string } | null; errors: Problem[] | null };
}

const money = "minorUnits currency formatted";
const shop = `{
  plans {
    slug name description features badge purchaseLimitPerAccount remainingStock onSale price { ${money} } listPrice { ${money} }
    grants { __typename ... on CreditGrant { credits validDays } ... on SubscriptionGrant { tier days } }
    customAmount { creditsPerUnit minimum { ${money} } maximum { ${money} } bonuses { bonusPercent from { ${money} } } }
  }
  paymentMethods { id name }
}`;
const place = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { number } errors { __typename ... on Error { message code } } }
}`;

const main = frame("Shop");
const lost = h("div");
const plans = h("div", { class: "plans" });
main.append(lost, plans);
showUnanswered();
void fill(plans, async () => {
  const { plans: sold, paymentMethods } = await ask<{ plans: Plan[]; paymentMethods: Method[] }>(shop);
  return sold.length > 0 ? sold.map((plan) => card(plan, paymentMethods)) : [h("p", {}, "Nothing is on sale now.")];
});

/** A wish whose answer was lost is asked for again before anything else: it may be an order already. */
function showUnanswered(): void {
  const who = subject();
  const wish = who && unanswered(localStorage, who.name);
  if (!wish) return;
  const again = h("button", { click: () => void send(wish, again, lost) }, "Find out");
  lost.replaceChildren(alertLine(`You were buying “${wish.planSlug}”, and the answer was lost.`, again));
}

function card(plan: Plan, methods: Method[]): HTMLElement {
  const problem = h("div", { "aria-live": "polite" });
  const method = h("select", { "aria-label": "Payment method" }, ...methods.map(({ id, name }) => h("option", { value: id }, name)));
  const custom = plan.customAmount;
  const decimals = custom ? decimalsOf(custom.minimum) : 2;
  const amount = custom
    ? h("input", { type: "number", inputmode: "decimal", required: true, step: 1 / 10 ** decimals, min: major(custom.minimum, decimals), max: major(custom.maximum, decimals), value: major(plan.price, decimals) })
    : null;
  const gives = h("output", { class: "gives" });
  const showCredits = () => {
    if (!custom || !amount) return;
    const chosen = Math.round(amount.valueAsNumber * 10 ** decimals);
    const bonus = Number(custom.bonuses.filter(({ from }) => chosen >= from.minorUnits).at(-1)?.bonusPercent ?? 0);
    const credits = (amount.valueAsNumber * Number(custom.creditsPerUnit) * (100 + bonus)) / 100;
    gives.value = Number.isFinite(credits) ? `${credits.toLocaleString()} credits${bonus > 0 ? `, ${bonus} % bonus included` : ""}` : "";
  };
  amount?.addEventListener("input", showCredits);
  showCredits();

  const buy = h("button", { type: "submit", disabled: !plan.onSale || methods.length === 0 }, plan.onSale ? "Buy" : "Sold out");
  const form = h(
    "form",
    {
      submit: (event) => {
        event.preventDefault();
        const who = subject();
        if (!who) return location.assign(signInAddress());
        const chosen = amount && { minorUnits: Math.round(amount.valueAsNumber * 10 ** decimals), currency: plan.price.currency };
        const price = chosen ?? { minorUnits: plan.price.minorUnits, currency: plan.price.currency };
        const wish = writeDown(localStorage, who.name, { planSlug: plan.slug, methodId: method.value, amount: chosen, expectedPrice: price }, () => crypto.randomUUID());
        void send(wish, buy, problem);
      },
    },
    amount && h("label", {}, `Amount in ${plan.price.currency} `, amount),
    amount && gives,
    h("label", {}, "Pay with ", method),
    buy,
  );
  return h(
    "article",
    { class: "card" },
    plan.badge && h("span", { class: "badge" }, plan.badge),
    h("h2", {}, plan.name),
    plan.description && h("p", {}, plan.description),
    h("p", { class: "price" }, custom ? `${custom.minimum.formatted} – ${custom.maximum.formatted}` : plan.price.formatted, plan.listPrice && h("s", { "aria-label": "instead of" }, plan.listPrice.formatted)),
    h(
      "ul",
      {},
      ...plan.grants.map((grant) =>
        h(
          "li",
          {},
          grant.__typename === "CreditGrant"
            ? `${grant.credits} credits${grant.validDays === null ? "" : `, to use within ${grant.validDays} days`}`
            : `${grant.tier} for ${grant.days} days`,
        ),
      ),
      ...plan.features.map((feature) => h("li", {}, feature)),
      plan.purchaseLimitPerAccount !== null && h("li", {}, `At most ${plan.purchaseLimitPerAccount} for each account`),
      plan.remainingStock !== null && h("li", {}, `${plan.remainingStock} left`),
    ),
    form,
    problem,
  );
}

async function send(wish: Wish, button: HTMLButtonElement, problem: HTMLElement): Promise<void> {
  const who = subject();
  if (!who) return location.assign(signInAddress());
  button.disabled = true;
  problem.replaceChildren();
  try {
    const { placeOrder } = await ask<Placed>(place, { input: wish });
    answered(localStorage, who.name, wish.idempotencyKey);
    if (placeOrder.order) return location.assign(`/orders/${placeOrder.order.number}`);
    problem.replaceChildren(...(placeOrder.errors ?? []).map((error) => alertLine(error.message)));
  } catch (error) {
    // Without an answer the wish stays written down: the same key is the same order. A refused request has made none.
    if (error instanceof Refused && error.code !== "AUTH_NOT_AUTHENTICATED") answered(localStorage, who.name, wish.idempotencyKey);
    problem.replaceChildren(error instanceof Unreachable ? failure(error, () => void send(wish, button, problem)) : failure(error, () => location.reload()));
  }
  button.disabled = false;
}

function decimalsOf({ minorUnits, formatted }: Money): number {
  const digits = formatted.replaceAll(/[^\d.]/g, "").split(".")[1];
  return minorUnits === 0 ? 2 : (digits?.length ?? 0);
}

function major({ minorUnits }: Money, decimals: number): string {
  return (minorUnits / 10 ** decimals).toFixed(decimals);
}
