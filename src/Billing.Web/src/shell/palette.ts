import { contrast, mix, readable } from "./colours";

/** The colours of the pages, and of the components: one place for both. */
export interface Palette {
  ink: string;
  quiet: string;
  paper: string;
  panel: string;
  line: string;
  /** The edge of what can be filled in. */
  field: string;
  accent: string;
  /** The accent under the pointer. */
  accentStrong: string;
  onAccent: string;
  accentTint: string;
  good: string;
  goodTint: string;
  warn: string;
  warnTint: string;
  alert: string;
  alertTint: string;
}

const light = { ink: "#171a1f", quiet: "#565d68", paper: "#f5f6f8", panel: "#ffffff", line: "#dfe3e8", field: "#828a95", good: "#0b6b3a", warn: "#8a4b00", alert: "#b3161b" };
const dark = { ink: "#eceef1", quiet: "#a8b0bb", paper: "#101216", panel: "#1a1d23", line: "#31363e", field: "#79818d", good: "#6fd6a0", warn: "#f0b35e", alert: "#ff9a9a" };

export function palette(brand: string, isDark: boolean): Palette {
  const base = isDark ? dark : light;
  const towards = isDark ? "#ffffff" : "#000000";
  const tint = (colour: string) => mix(base.panel, colour, isDark ? 0.16 : 0.08);
  const accentTint = tint(readable(brand, towards, [base.panel, base.paper]));
  const accent = readable(brand, towards, [base.panel, base.paper, accentTint]);
  const onAccent = contrast("#ffffff", accent) >= 4.5 ? "#ffffff" : "#0b0d10";
  const accentStrong = mix(accent, onAccent === "#ffffff" ? "#000000" : "#ffffff", 0.14);
  return { ...base, accent, accentStrong, onAccent, accentTint, goodTint: tint(base.good), warnTint: tint(base.warn), alertTint: tint(base.alert) };
}
