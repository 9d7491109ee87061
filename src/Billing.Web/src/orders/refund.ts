import { toMinorUnits } from "../figures/figures";

/** Longer reasons the service does not take. */
export const longestReason = 1000;

/** How much of a refund is asked for, in minor units; null when what was typed is not possible. */
export function refundAmount(typed: string, refundable: { minorUnits: number; currency: string }): number | null {
  const minorUnits = toMinorUnits(typed, refundable.currency);
  return minorUnits !== null && minorUnits > 0 && minorUnits <= refundable.minorUnits ? minorUnits : null;
}
