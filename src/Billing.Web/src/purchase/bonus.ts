import { decimals, fromMicro, toMicro } from "../figures/figures";

interface Terms {
  creditsPerUnit: string;
  bonuses: readonly { bonusPercent: string; from: { minorUnits: number } }[];
}

/** What an amount buys, and the bonus in it. Computed as the service does: exactly, and rounded down to a millionth. */
export function creditsFor({ creditsPerUnit, bonuses }: Terms, minorUnits: number, currency: string): { credits: string; bonusPercent: string | null } {
  const bonusPercent = bonuses.filter(({ from }) => minorUnits >= from.minorUnits).at(-1)?.bonusPercent ?? null;
  const percent = 100_000_000n + (bonusPercent === null ? 0n : toMicro(bonusPercent));
  const major = 10n ** BigInt(decimals(currency));
  return { credits: fromMicro((BigInt(minorUnits) * toMicro(creditsPerUnit) * percent) / (major * 100_000_000n)), bonusPercent };
}
