import { expect, test } from "vitest";
import { creditsFor } from "./bonus";

const terms = {
  creditsPerUnit: "10",
  bonuses: [
    { bonusPercent: "5", from: { minorUnits: 10_000 } },
    { bonusPercent: "12.5", from: { minorUnits: 100_000 } },
  ],
};

test.each([
  [5000, "CNY", "500", null],
  [9999, "CNY", "999.9", null],
  [10_000, "CNY", "1050", "5"],
  [100_000, "CNY", "11250", "12.5"],
  [500, "JPY", "5000", null],
])("%j minor units of %s buy %s credits", (minorUnits, currency, credits, bonusPercent) => expect(creditsFor(terms, minorUnits, currency)).toEqual({ credits, bonusPercent }));

test("what does not come out even is rounded down, as the service does", () =>
  expect(creditsFor({ creditsPerUnit: "0.333333", bonuses: [{ bonusPercent: "0.1", from: { minorUnits: 1 } }] }, 1, "CNY").credits).toBe("0.003336"));
