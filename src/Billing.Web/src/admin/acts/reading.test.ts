import { expect, test } from "vitest";
import { Reading, inField } from "./reading";

const reading = (fields: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return new Reading(form);
};

test("what fits is read, and nothing is complained about", () => {
  const form = reading({ name: "  Spring ", price: "9.90", count: "12", credits: "+1.5", off: "-0.000001" });
  expect(form.text("name")).toBe("Spring");
  expect(form.money("price", "CNY")).toEqual({ minorUnits: 990, currency: "CNY" });
  expect(form.whole("count")).toBe(12);
  expect(form.decimal("credits")).toBe("1.5");
  expect(form.decimal("off", true)).toBe("-0.000001");
  expect([form.optional("note"), form.optionalWhole("limit"), form.optionalMoney("list", "CNY"), form.moment("from")]).toEqual([null, null, null, null]);
  expect(form.complaints).toEqual({});
});

test.each([
  ["needed", "", (form: Reading) => form.text("it")],
  ["needed", "  ", (form: Reading) => form.money("it", "CNY")],
  ["amount", "9.999", (form: Reading) => form.money("it", "CNY")],
  ["whole", "1.5", (form: Reading) => form.whole("it")],
  ["whole", "3000000000", (form: Reading) => form.optionalWhole("it")],
  ["decimal", "1.1234567", (form: Reading) => form.decimal("it")],
  ["decimal", "-1", (form: Reading) => form.decimal("it")],
  ["moment", "tomorrow", (form: Reading) => form.moment("it")],
] as const)("it says %s of %j", (complaint, written, read) => {
  const form = reading({ it: written });
  read(form);
  expect(form.complaints).toEqual({ it: complaint });
});

test("a moment survives the way into a field and back, to the minute", () => {
  const field = inField("2026-03-04T05:06:00.000Z");
  expect(field).toMatch(/^2026-03-0\dT\d\d:\d\d$/);
  expect(reading({ at: field }).moment("at")).toBe("2026-03-04T05:06:00.000Z");
  expect(inField(null)).toBe("");
});
