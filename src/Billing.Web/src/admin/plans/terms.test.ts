import { expect, test } from "vitest";
import { Reading } from "../acts/reading";
import { pairedLines, previewOf, termsOf, type Terms } from "./terms";

const reading = (fields: Record<string, string | string[]>) => {
  const form = new FormData();
  for (const [name, values] of Object.entries({ currency: "CNY", "name.en": "Starter", price: "9.90", ...fields })) for (const value of [values].flat()) form.append(name, value);
  return new Reading(form);
};

const sold = { badge: "New", listPrice: { minorUnits: 1990, currency: "CNY" }, customAmount: null, description: "Some", onSaleFrom: null, onSaleUntil: null, purchaseLimitPerAccount: 3, remainingStock: 7 } as unknown as Terms;

test("what was emptied is cleared, and what never was there is not", () => {
  const form = reading({ stock: "7", purchaseLimitPerAccount: "3" });
  const { plan, clear } = termsOf(form, sold);
  expect(form.complaints).toEqual({});
  expect(clear).toEqual(["BADGE", "DESCRIPTION", "LIST_PRICE"]);
  expect(plan).toMatchObject({ name: { en: "Starter", zhHans: null }, price: { minorUnits: 990, currency: "CNY" }, badge: null, purchaseLimitPerAccount: 3, onSale: null });
});

test("a stock that nobody touched is not written back, one that was is, and an emptied one is not counted any more", () => {
  expect(termsOf(reading({ stock: "7" }), sold).plan.stock).toBeNull();
  expect(termsOf(reading({ stock: "9" }), sold).plan.stock).toBe(9);
  expect(termsOf(reading({ stock: "" }), sold).clear).toContain("STOCK");
});

test("grants and bonus steps are read row by row, whatever rows were taken out", () => {
  const form = reading({
    "grants.row": ["0", "3"],
    "grants.0.kind": "credits",
    "grants.0.credits": "100",
    "grants.0.validDays": "",
    "grants.3.kind": "subscription",
    "grants.3.tier": "pro",
    "grants.3.days": "30",
    custom: "on",
    "customAmount.minimum": "5",
    "customAmount.maximum": "500",
    "customAmount.creditsPerUnit": "10",
    "bonuses.row": ["1"],
    "bonuses.1.from": "100",
    "bonuses.1.percent": "7.5",
  });
  const { plan } = termsOf(form);
  expect(form.complaints).toEqual({});
  expect(plan.grants).toEqual([{ credits: { credits: "100", validDays: null } }, { subscription: { tier: "pro", days: 30 } }]);
  expect(plan.customAmount?.bonuses).toEqual([{ from: { minorUnits: 10000, currency: "CNY" }, bonusPercent: "7.5" }]);
});

test("a Chinese text needs an English one beside it", () => {
  const form = reading({ "badge.zh": "热销" });
  termsOf(form);
  expect(form.complaints).toEqual({ "badge.en": "needed" });
});

test("lines of both languages stand beside each other", () => {
  expect(pairedLines("Fast\n\nLasting", "快\n\n持久")).toEqual([
    { en: "Fast", zhHans: "快" },
    { en: "Lasting", zhHans: "持久" },
  ]);
  expect(pairedLines("Fast", "")).toEqual([{ en: "Fast", zhHans: null }]);
});

test("a card can be shown of a form that is half written", () => {
  const form = reading({ price: "9.9x", "grants.row": "0", "grants.0.kind": "credits", "grants.0.credits": "many", "name.zh": "入门包" });
  expect(previewOf(form, "starter", true)).toMatchObject({ name: "入门包", price: { minorUnits: 0, currency: "CNY" }, grants: [{ credits: "0" }] });
});
