/** What granted credits, by the reference that the ledger knows it by. Whatever an administrator named is an adjustment. */
export function originOf(source: string): { kind: "order" | "code" | "earlier" | "adjustment"; rest: string } {
  const [, kind, rest = ""] = /^(order|code):(.*)$/.exec(source) ?? [];
  if (kind === "order" || kind === "code") return { kind, rest };
  return { kind: source === "earlier" ? "earlier" : "adjustment", rest: source };
}
