import { ask } from "./api";
import { orderFields, orderTable, type OrderLine } from "./lists";
import { fill, frame, h } from "./page";
import { credits } from "./figures";
import { signInAddress } from "./session";

interface Mine {
  me: {
    credits: string;
    entitlements: { tier: string; expiresAt: string; active: boolean }[];
    orders: { nodes: OrderLine[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  } | null;
}

const main = frame("My orders");
const list = h("section");
main.append(list);
show(null);

function show(after: string | null): void {
  void fill(list, async () => {
    const { me } = await ask<Mine>(
      `query ($after: String) { me { credits entitlements { tier expiresAt active }
        orders(first: 20, after: $after) { nodes { ${orderFields} } pageInfo { hasNextPage endCursor } } } }`,
      { after },
    );
    if (!me) return [h("p", {}, h("a", { href: signInAddress() }, "Sign in"), " to see your orders.")];
    const { nodes, pageInfo } = me.orders;
    return [
      h("p", { class: "balance" }, `${credits(me.credits)} credits`, ...me.entitlements.filter(({ active }) => active).map(({ tier, expiresAt }) => ` · ${tier} until ${new Date(expiresAt).toLocaleDateString()}`)),
      orderTable(nodes, false),
      h("p", {}, pageInfo.hasNextPage ? h("button", { click: () => show(pageInfo.endCursor) }, "Older") : "", after ? h("button", { click: () => show(null) }, "Newest") : ""),
    ];
  });
}
