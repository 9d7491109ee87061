import { expect, test } from "vitest";
import { conversion, spanOf, sumsOf } from "./range";

test("a range ends at the minute that is not over", () => {
  const now = Date.parse("2026-03-04T05:06:07Z");
  expect(spanOf("day", now)).toEqual({ from: "2026-03-03T05:07:00.000Z", to: "2026-03-04T05:07:00.000Z", interval: "HOUR" });
  expect(spanOf("day", now + 30_000)).toEqual(spanOf("day", now));
  expect(spanOf("year", now).interval).toBe("MONTH");
});

test("amounts of different currencies are never added", () => {
  expect(sumsOf([{ currency: "USD", minorUnits: 1 }, { currency: "CNY", minorUnits: 5 }, { currency: "USD", minorUnits: 2 }])).toEqual([
    { currency: "CNY", minorUnits: 5 },
    { currency: "USD", minorUnits: 3 },
  ]);
  expect(sumsOf([])).toEqual([]);
});

test.each([
  [0, 0, null],
  [3, 1, 33],
  [2, 2, 100],
])("of %j placed orders %j paid ones are %j per cent", (placed, paid, percent) => expect(conversion(placed, paid)).toBe(percent));
