// Amounts and credits as text. Decimals stay strings: a browser's numbers would round them.

/** How many decimals a currency has: two for CNY, none for JPY. */
const decimals = (currency: string): number => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** What a person types, in minor units; null for what is no such amount. */
export function toMinorUnits(text: string, currency: string): number | null {
  const [, whole, fraction = ""] = /^(\d{1,12})(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  const places = decimals(currency);
  return whole === undefined || fraction.length > places ? null : Number(whole + fraction.padEnd(places, "0"));
}

/** Minor units as the value of a number field. */
export function fromMinorUnits(minorUnits: number, currency: string): string {
  const places = decimals(currency);
  const digits = String(minorUnits).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The smallest step of a currency as the step of a number field. */
export const step = (currency: string): string => fromMinorUnits(1, currency);

/** The API's credits, a decimal in text, grouped for reading and without needless zeros. */
export function credits(decimal: string): string {
  const [, sign = "", whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (whole === undefined) return decimal;
  const kept = fraction.replace(/0+$/, "");
  return `${sign}${BigInt(whole).toLocaleString("en")}${kept ? `.${kept}` : ""}`;
}

/** Minutes and seconds that are left. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
