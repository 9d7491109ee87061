import { expect, test } from "vitest";
import { countdown, credits, fromMicro, fromMinorUnits, money, toMicro, toMinorUnits } from "./figures";

test.each([
  ["19.90", "CNY", 1990],
  ["0.29", "CNY", 29],
  ["1.1", "USD", 110],
  ["8", "CNY", 800],
  [" 500 ", "JPY", 500],
  ["1.234", "KWD", 1234],
  ["19.999", "CNY", null],
  ["1.5", "JPY", null],
  ["-1", "CNY", null],
  ["1e3", "CNY", null],
  ["", "CNY", null],
])("%j in %s is %j minor units", (text, currency, minorUnits) => expect(toMinorUnits(text, currency)).toBe(minorUnits));

test.each([
  [1990, "CNY", "19.90"],
  [5, "CNY", "0.05"],
  [500, "JPY", "500"],
  [1, "KWD", "0.001"],
])("%j minor units of %s are typed as %j", (minorUnits, currency, text) => {
  expect(fromMinorUnits(minorUnits, currency)).toBe(text);
  expect(toMinorUnits(text, currency)).toBe(minorUnits);
});

test.each([
  [1990, "CNY", "en", "¥19.90"],
  [1990, "CNY", "zh-Hans", "¥19.90"],
  [123_456_700, "USD", "en", "$1,234,567.00"],
  [500, "JPY", "en", "¥500"],
  [-5, "CNY", "en", "-¥0.05"],
])("%j minor units of %s in %s read %s", (minorUnits, currency, language, text) => expect(money({ minorUnits, currency }, language)).toBe(text));

test.each([
  ["1000", "1,000"],
  ["1234567.250000", "1,234,567.25"],
  ["-0.5", "-0.5"],
  ["9007199254740993.000001", "9,007,199,254,740,993.000001"],
  ["what?", "what?"],
])("%s credits read %s", (decimal, text) => expect(credits(decimal, "en")).toBe(text));

test.each(["0", "12.5", "-0.000001", "9007199254740993.123456"])("%s survives the way to millionths and back", (decimal) => expect(fromMicro(toMicro(decimal))).toBe(decimal));

test.each([
  [900_000, "15:00"],
  [61_001, "1:02"],
  [1, "0:01"],
  [-5, "0:00"],
  [3_601_000, "1:00:01"],
])("%j ms are %s", (milliseconds, text) => expect(countdown(milliseconds)).toBe(text));
