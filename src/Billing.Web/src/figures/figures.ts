// Amounts and credits as text. Decimals stay strings: a browser's numbers would round them.

export interface Money {
  minorUnits: number;
  currency: string;
}

const micro = 1_000_000n;

/** How many decimals a currency has: two for CNY, none for JPY. */
export const decimals = (currency: string): number => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** What a person types, in minor units; null for what is no such amount. */
export function toMinorUnits(text: string, currency: string): number | null {
  const [, whole, fraction = ""] = /^(\d{1,12})(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  const places = decimals(currency);
  return whole === undefined || fraction.length > places ? null : Number(whole + fraction.padEnd(places, "0"));
}

/** Minor units as a person types them. */
export function fromMinorUnits(minorUnits: number, currency: string): string {
  const places = decimals(currency);
  const digits = String(minorUnits).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** An amount as it is read in a language. */
export function money({ minorUnits, currency }: Money, language: string): string {
  const negative = minorUnits < 0;
  const text = fromMinorUnits(Math.abs(minorUnits), currency);
  // A decimal in text is formatted exactly, whatever its size.
  return new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(`${negative ? "-" : ""}${text}` as Intl.StringNumericLiteral);
}

/** The API's credits, a decimal in text, as they are read in a language: grouped, and without needless zeros. */
export function credits(decimal: string, language: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(decimal)) return decimal;
  return new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(decimal as Intl.StringNumericLiteral);
}

/** A decimal in text as millionths; what has more decimals is no decimal of the API's. */
export function toMicro(decimal: string): bigint {
  const [, sign, whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(decimal) ?? [];
  const size = BigInt(whole) * micro + BigInt(fraction.padEnd(6, "0"));
  return sign === "-" ? -size : size;
}

/** Millionths as a decimal in text, without needless zeros. */
export function fromMicro(value: bigint): string {
  const size = value < 0n ? -value : value;
  const fraction = String(size % micro).padStart(6, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / micro}${fraction ? `.${fraction}` : ""}`;
}

/** Minutes and seconds that are left; with hours when there are some. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
