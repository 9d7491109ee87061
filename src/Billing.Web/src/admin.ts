import { ask, type Problem } from "./api";
import { codeBatches } from "./codes";
import { orderFields, orderTable, type OrderLine } from "./lists";
import { alertLine, failure, fill, frame, h, time } from "./page";

const statuses = ["AWAITING_PAYMENT", "PROCESSING", "COMPLETED", "EXPIRED", "CANCELLED", "ON_HOLD"];

const main = frame("Administration");
const work = h("section");
const orders = h("section");
main.append(h("h2", {}, "Work items"), work, h("h2", {}, "Orders"), filters(), orders, h("h2", {}, "Redemption codes"), codeBatches(), h("h2", {}, "A new plan"), newPlan());
showWork();
showOrders(null, "", "");

function showWork(): void {
  void fill(work, async () => {
    const { workItems } = await ask<{ workItems: { nodes: { id: string; kind: string; detail: string; openedAt: string; order: { number: string } | null }[] } }>(
      "{ workItems(first: 50, where: { open: true }) { nodes { id kind detail openedAt order { number } } } }",
    );
    if (workItems.nodes.length === 0) return [h("p", {}, "Nothing needs a person.")];
    return [
      h(
        "ul",
        { class: "work" },
        ...workItems.nodes.map((item) =>
          h("li", {}, h("strong", {}, item.kind.toLowerCase().replaceAll("_", " ")), " ", time(item.openedAt), ` ${item.detail} `, item.order && h("a", { href: `/orders/${item.order.number}` }, item.order.number)),
        ),
      ),
    ];
  });
}

function filters(): HTMLElement {
  const status = h("select", { name: "status" }, h("option", { value: "" }, "Any"), ...statuses.map((value) => h("option", { value }, value.toLowerCase().replaceAll("_", " "))));
  const search = h("input", { type: "search", name: "search", placeholder: "number or account", maxlength: 128 });
  return h(
    "form",
    { class: "filters", submit: (event) => (event.preventDefault(), showOrders(null, status.value, search.value)) },
    h("label", {}, "Status ", status),
    h("label", {}, "Search ", search),
    h("button", { type: "submit" }, "Show"),
  );
}

function showOrders(after: string | null, status: string, search: string): void {
  void fill(orders, async () => {
    const { orders: page } = await ask<{ orders: { nodes: OrderLine[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } }>(
      `query ($after: String, $where: OrderFilter, $search: String) {
        orders(first: 20, after: $after, where: $where, search: $search) { nodes { ${orderFields} account { accountId } } pageInfo { hasNextPage endCursor } } }`,
      { after, where: status ? { status: [status] } : null, search: search.trim() || null },
    );
    const { hasNextPage, endCursor } = page.pageInfo;
    return [
      orderTable(page.nodes, true),
      h("p", {}, hasNextPage ? h("button", { click: () => showOrders(endCursor, status, search) }, "Older") : "", after ? h("button", { click: () => showOrders(null, status, search) }, "Newest") : ""),
    ];
  });
}

function newPlan(): HTMLElement {
  const field = (label: string, name: string, attributes: Record<string, string | number | boolean> = {}) => {
    const input = h("input", { name, required: true, ...attributes });
    return { input, label: h("label", {}, `${label} `, input) };
  };
  const slug = field("Slug", "slug", { pattern: "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?", maxlength: 64 });
  const name = field("Name", "name", { maxlength: 200 });
  const chinese = field("Name in Chinese", "zhHans", { maxlength: 200, required: false });
  const price = field("Price in fen", "price", { type: "number", min: 1, step: 1 });
  const credits = field("Credits", "credits", { inputmode: "decimal", pattern: "\\d+(\\.\\d{1,6})?" });
  const note = field("Note", "note", { maxlength: 1000 });
  const answer = h("div", { "aria-live": "polite" });
  const create = h("button", { type: "submit" }, "Create");
  return h("form", { class: "plan-form", submit: (event) => (event.preventDefault(), void send()) }, slug.label, name.label, chinese.label, price.label, credits.label, note.label, create, answer);

  async function send(): Promise<void> {
    create.disabled = true;
    answer.replaceChildren();
    try {
      const { createPlan } = await ask<{ createPlan: { plan: { slug: string } | null; errors: Problem[] | null } }>(
        "mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { slug } errors { __typename ... on Error { message code } } } }",
        {
          input: {
            slug: slug.input.value,
            plan: {
              name: { en: name.input.value, zhHans: chinese.input.value || null },
              price: { minorUnits: price.input.valueAsNumber, currency: "CNY" },
              grants: [{ credits: { credits: credits.input.value } }],
            },
            note: note.input.value,
          },
        },
      );
      answer.replaceChildren(...(createPlan.plan ? [h("p", {}, `“${createPlan.plan.slug}” is in the shop.`)] : (createPlan.errors ?? []).map((error) => alertLine(error.message))));
    } catch (error) {
      answer.replaceChildren(failure(error, () => void send()));
    }
    create.disabled = false;
  }
}
