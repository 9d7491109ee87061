import { expect, test } from "vitest";
import { refundAmount } from "./refund";

const refundable = { minorUnits: 990, currency: "CNY" };

test.each([
  ["9.90", 990],
  ["0.01", 1],
  ["9.91", null],
  ["0", null],
  ["", null],
  ["all", null],
])("of 9.90, %j asks for %j", (typed, minorUnits) => expect(refundAmount(typed, refundable)).toBe(minorUnits));
