import type { StatisticsInterval } from "../../schema.generated";

/** A range of time that can be looked at, up to now. */
export const ranges = ["day", "week", "month", "quarter", "year"] as const;
export type Range = (typeof ranges)[number];

const spans: Record<Range, { days: number; interval: StatisticsInterval }> = {
  day: { days: 1, interval: "HOUR" },
  week: { days: 7, interval: "DAY" },
  month: { days: 30, interval: "DAY" },
  quarter: { days: 91, interval: "WEEK" },
  year: { days: 365, interval: "MONTH" },
};

/** The moments of a range that ends now, to the minute, so that the same is asked only once. */
export function spanOf(range: Range, now: number): { from: string; to: string; interval: StatisticsInterval } {
  const { days, interval } = spans[range];
  const to = Math.ceil(now / 60_000) * 60_000;
  return { from: new Date(to - days * 86_400_000).toISOString(), to: new Date(to).toISOString(), interval };
}

interface Money {
  minorUnits: number;
  currency: string;
}

/** Sums by currency, in the order of their codes. */
export function sumsOf(amounts: readonly Money[]): Money[] {
  const sums = new Map<string, number>();
  for (const { currency, minorUnits } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + minorUnits);
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([currency, minorUnits]) => ({ currency, minorUnits }));
}

/** How many of the orders that were placed were paid, in whole per cent; null when none was placed. */
export const conversion = (placed: number, paid: number): number | null => (placed === 0 ? null : Math.round((paid * 100) / placed));
