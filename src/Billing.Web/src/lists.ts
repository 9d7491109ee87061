import { h, time } from "./page";

export interface OrderLine {
  number: string;
  createdAt: string;
  status: string;
  amount: { formatted: string };
  plan: { name: string };
  account?: { accountId: string };
}

export const orderFields = "number createdAt status amount { formatted } plan { name }";

/** A table that reads well on a phone too. */
export function orderTable(orders: OrderLine[], withAccount: boolean): HTMLElement {
  if (orders.length === 0) return h("p", {}, "No orders.");
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": "Orders", tabindex: 0 },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...["Order", "Placed", ...(withAccount ? ["Account"] : []), "Plan", "Amount", "Status"].map((text) => h("th", { scope: "col" }, text)))),
      h(
        "tbody",
        {},
        ...orders.map((order) =>
          h(
            "tr",
            {},
            h("td", {}, h("a", { href: `/orders/${order.number}` }, order.number)),
            h("td", {}, time(order.createdAt)),
            withAccount && h("td", {}, order.account?.accountId ?? ""),
            h("td", {}, order.plan.name),
            h("td", {}, order.amount.formatted),
            h("td", {}, order.status.toLowerCase().replaceAll("_", " ")),
          ),
        ),
      ),
    ),
  );
}
