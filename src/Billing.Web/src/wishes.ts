// A wish is written down before it is first sent, and forgotten when its answer is in. So a lost answer, a reload or a second click finds the same key, and the same
// key is the same order.

export interface Wish {
  planSlug: string;
  methodId: string;
  amount: { minorUnits: number; currency: string } | null;
  expectedPrice: { minorUnits: number; currency: string };
  idempotencyKey: string;
}

type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const address = (account: string): string => `billing.wish.${account}`;

/** The wish that has no answer yet, if there is one. */
export function unanswered(place: Place, account: string): Wish | null {
  const text = place.getItem(address(account));
  if (!text) return null;
  try {
    return JSON.parse(text) as Wish;
  } catch {
    place.removeItem(address(account));
    return null;
  }
}

/** Writes a wish down. The same one again keeps its key. */
export function writeDown(place: Place, account: string, wish: Omit<Wish, "idempotencyKey">, newKey: () => string): Wish {
  const known = unanswered(place, account);
  if (known && sameInput(known, wish)) return known;
  const written = { ...wish, idempotencyKey: newKey() };
  place.setItem(address(account), JSON.stringify(written));
  return written;
}

/** Its answer is in. */
export function answered(place: Place, account: string, key: string): void {
  if (unanswered(place, account)?.idempotencyKey === key) place.removeItem(address(account));
}

function sameInput(one: Omit<Wish, "idempotencyKey">, other: Omit<Wish, "idempotencyKey">): boolean {
  const input = ({ planSlug, methodId, amount, expectedPrice }: Omit<Wish, "idempotencyKey">) => JSON.stringify([planSlug, methodId, amount, expectedPrice]);
  return input(one) === input(other);
}
