/** How far the service's clock is ahead of this one. */
let ahead = 0;

// The header tells whole seconds, and takes its way. Less than this is no difference.
const noise = 2000;

/** The time by the service's clock, which is the one that deadlines are by. */
export const now = (): number => Date.now() + ahead;

/** Sets the clock by an answer of the service. */
export function setClock(date: string | null): void {
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told)) return;
  const difference = told + 500 - Date.now();
  ahead = Math.abs(difference) < noise ? 0 : difference;
}
