import { expect, test } from "vitest";
import { contrast, readable } from "./colours";
import { palette } from "./palette";

test("contrast is what the guideline says", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

test("a colour that can be read stays as it is", () => expect(readable("#003366", "#000000", ["#ffffff"])).toBe("#003366"));

test.each(["#2454d6", "#ffd400", "#00ff00", "#ffffff", "#000000", "#ff69b4", "#808080"])("whatever brand colour: %s can be read in light and dark", (brand) => {
  for (const dark of [false, true]) {
    const { accent, accentStrong, onAccent, accentTint, paper, panel, ink, quiet } = palette(brand, dark);
    for (const background of [paper, panel, accentTint]) for (const text of [accent, ink, quiet]) expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5);
    for (const background of [accent, accentStrong]) expect(contrast(onAccent, background)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accentStrong, panel)).toBeGreaterThanOrEqual(4.5);
  }
});

test.each([false, true])("every text and every background fit (dark: %s)", (dark) => {
  const { good, goodTint, warn, warnTint, alert, alertTint, paper, panel, field } = palette("#2454d6", dark);
  for (const [text, tint] of [[good, goodTint], [warn, warnTint], [alert, alertTint]] as const)
    for (const background of [tint, paper, panel]) expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5);
  for (const background of [paper, panel]) expect(contrast(field, background)).toBeGreaterThanOrEqual(3);
});
