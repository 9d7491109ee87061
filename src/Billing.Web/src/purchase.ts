import { ask, type Problem } from "./api";
import { fromMinorUnits, step, toMinorUnits } from "./figures";
import { grantFields, grantText, type Grant } from "./grants";
import { alertLine, failure, fill, frame, h } from "./page";
import { signInAddress, subject } from "./session";
import { forget, unanswered, writeDown, type Wish } from "./wishes";

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
  grants: Grant[];
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
    ${grantFields}
    customAmount { creditsPerUnit minimum { ${money} } maximum { ${money} } bonuses { bonusPercent from { ${money} } } }
  }
}`;
const placeOrder = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { number } errors { __typename ... on Error { message code } } }
}`;

const main = frame("Shop");
const lost = h("div");
const plans = h("div", { class: "plans" });
main.append(lost, plans);
findOut();
void fill(plans, async () => {
  const { plans: sold } = await ask<{ plans: Plan[] }>(shop);
  if (sold.length === 0) return [h("p", {}, "Nothing is on sale now.")];
  // Which methods can pay depends on the price.
  const methods = await ask<Record<string, Method[]>>(`{ ${sold.map(({ slug }, at) => `m${at}: paymentMethods(planSlug: ${JSON.stringify(slug)}) { id name }`).join(" ")} }`);
  return sold.map((plan, at) => card(plan, methods[`m${at}`] ?? []));
});

/** Asks what became of wishes whose answers were lost. Asking orders nothing: the buyer may have changed their mind. */
function findOut(): void {
  const account = subject()?.name;
  if (account === undefined) return;
  for (const wish of unanswered(localStorage, account)) {
    const place = h("div");
    lost.append(place);
    void fill(place, async () => {
      const { orderByKey } = await ask<{ orderByKey: { number: string } | null }>("query ($key: String!) { orderByKey(idempotencyKey: $key) { number } }", { key: wish.idempotencyKey });
      if (!orderByKey) return [notPlaced(wish, account)];
      forget(localStorage, account, wish.idempotencyKey);
      return [alertLine(`Your order of “${wish.planSlug}” went through, though its answer was lost.`, h("a", { href: `/orders/${orderByKey.number}` }, "See it"))];
    });
  }
}

function notPlaced(wish: Wish, account: string): HTMLElement {
  const problem = h("div", { "aria-live": "polite" });
  const again = h("button", { click: () => void send(() => wish, again, problem) }, "Order it now");
  const never = h("button", { class: "plain", click: () => (forget(localStorage, account, wish.idempotencyKey), place.remove()) }, "Leave it");
  const place = h("div", {}, alertLine(`You were buying “${wish.planSlug}”, and it was not ordered.`, again, " ", never), problem);
  return place;
}

function card(plan: Plan, methods: Method[]): HTMLElement {
  const problem = h("div", { "aria-live": "polite" });
  const method = h("select", { "aria-label": "Payment method" }, ...methods.map(({ id, name }) => h("option", { value: id }, name)));
  const custom = plan.customAmount;
  const { currency } = plan.price;
  const amount = custom
    ? h("input", { type: "number", inputmode: "decimal", required: true, step: step(currency), min: fromMinorUnits(custom.minimum.minorUnits, currency), max: fromMinorUnits(custom.maximum.minorUnits, currency), value: fromMinorUnits(plan.price.minorUnits, currency) })
    : null;
  const gives = h("output", { class: "gives" });
  const showCredits = () => {
    if (!custom || !amount) return;
    const chosen = toMinorUnits(amount.value, currency) ?? 0;
    const bonus = Number(custom.bonuses.filter(({ from }) => chosen >= from.minorUnits).at(-1)?.bonusPercent ?? 0);
    // A preview: what is credited is the server's sum.
    const about = (amount.valueAsNumber * Number(custom.creditsPerUnit) * (100 + bonus)) / 100;
    gives.value = Number.isFinite(about) ? `${about.toLocaleString("en", { maximumFractionDigits: 6 })} credits${bonus > 0 ? `, ${bonus} % bonus included` : ""}` : "";
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
        const minorUnits = amount ? toMinorUnits(amount.value, currency) : plan.price.minorUnits;
        if (minorUnits === null) return problem.replaceChildren(alertLine(`This is not an amount in ${currency}.`));
        const price = { minorUnits, currency };
        const input = { planSlug: plan.slug, methodId: method.value, amount: amount && price, expectedPrice: price };
        void send(() => writeDown(localStorage, who.name, input, () => crypto.randomUUID()), buy, problem);
      },
    },
    amount && h("label", {}, `Amount in ${currency} `, amount),
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
      ...plan.grants.map((grant) => h("li", {}, grantText(grant))),
      ...plan.features.map((feature) => h("li", {}, feature)),
      plan.purchaseLimitPerAccount !== null && h("li", {}, `At most ${plan.purchaseLimitPerAccount} for each account`),
      plan.remainingStock !== null && h("li", {}, `${plan.remainingStock} left`),
    ),
    form,
    problem,
  );
}

async function send(write: () => Wish, button: HTMLButtonElement, problem: HTMLElement): Promise<void> {
  const who = subject();
  if (!who) return location.assign(signInAddress());
  button.disabled = true;
  problem.replaceChildren();
  try {
    const wish = write();
    const { placeOrder: placed } = await ask<Placed>(placeOrder, { input: wish });
    forget(localStorage, who.name, wish.idempotencyKey);
    // Going back from the order does not lead to the form that made it.
    if (placed.order) return location.replace(`/orders/${placed.order.number}`);
    problem.replaceChildren(...(placed.errors ?? []).map((error) => alertLine(error.message)));
  } catch (error) {
    // Only a payload is an answer. After anything else, INTERNAL and TIMEOUT too, the order may have been placed: the wish stays, and the same key is the same order.
    problem.replaceChildren(failure(error, () => void send(write, button, problem)));
  }
  button.disabled = false;
}
