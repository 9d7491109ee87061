// A wish is written down before it is first sent, and forgotten when its answer is in. So a lost answer, a reload or a second click finds the same key, and the same
// key is the same order.

export interface Wish {
  planSlug: string;
  methodId: string;
  amount: { minorUnits: number; currency: string } | null;
  expectedPrice: { minorUnits: number; currency: string };
  idempotencyKey: string;
}
type Input = Omit<Wish, "idempotencyKey">;
type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** More unanswered wishes than this nobody has by wishing: the oldest are dropped. */
const mostUnanswered = 20;

const address = (account: string): string => `billing.wishes.${account}`;

/** The wishes that have no answer yet, oldest first. */
export function unanswered(place: Place, account: string): Wish[] {
  try {
    const written: unknown = JSON.parse(place.getItem(address(account)) ?? "[]");
    return Array.isArray(written) ? written.filter(isWish) : [];
  } catch {
    return [];
  }
}

/** Writes a wish down. The same one again keeps its key; another one stands beside it. */
export function writeDown(place: Place, account: string, input: Input, newKey: () => string): Wish {
  const known = unanswered(place, account);
  const same = known.find((wish) => content(wish) === content(input));
  if (same) return same;
  const written = { ...input, idempotencyKey: newKey() };
  place.setItem(address(account), JSON.stringify([...known, written].slice(-mostUnanswered)));
  return written;
}

/** Its answer is in, or its owner gave it up. */
export function forget(place: Place, account: string, key: string): void {
  const left = unanswered(place, account).filter(({ idempotencyKey }) => idempotencyKey !== key);
  if (left.length > 0) place.setItem(address(account), JSON.stringify(left));
  else place.removeItem(address(account));
}

const content = ({ planSlug, methodId, amount, expectedPrice }: Input): string =>
  JSON.stringify([planSlug, methodId, amount?.minorUnits, amount?.currency, expectedPrice.minorUnits, expectedPrice.currency]);

function isWish(value: unknown): value is Wish {
  const wish = value as Partial<Wish> | null;
  return typeof wish?.idempotencyKey === "string" && typeof wish.planSlug === "string" && typeof wish.expectedPrice?.minorUnits === "number";
}
