/** How far the service's clock is ahead of this one. */
let ahead = 0;

/** The time by the service's clock, which is the one that deadlines are by. */
export const now = (): number => Date.now() + ahead;

/** Sets the clock by an answer of the service. */
export function setClock(date: string | null): void {
  const told = Date.parse(date ?? "");
  if (!Number.isNaN(told)) ahead = told - Date.now();
}
