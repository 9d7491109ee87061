import { expect, test } from "vitest";
import { forget, unanswered, writeDown } from "./wishes";

function place() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    size: () => kept.size,
  };
}

const price = { minorUnits: 990, currency: "CNY" };
const wish = { planSlug: "starter", methodId: "sandbox", amount: null, expectedPrice: price };
let count = 0;
const newKey = () => `key-${++count}`;

test("a wish keeps its key until its answer is in", () => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  expect(writeDown(storage, "alice", { ...wish }, newKey)).toEqual(first);
  expect(unanswered(storage, "alice")).toEqual([first]);
  forget(storage, "alice", first.idempotencyKey);
  expect(storage.size()).toBe(0);
  expect(writeDown(storage, "alice", wish, newKey).idempotencyKey).not.toBe(first.idempotencyKey);
});

test.each([
  ["plan", { ...wish, planSlug: "monthly" }],
  ["method", { ...wish, methodId: "other" }],
  ["price", { ...wish, expectedPrice: { ...price, minorUnits: 991 } }],
  ["amount", { ...wish, amount: price }],
])("another %s is another wish, and neither key is lost", (_, other) => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  const second = writeDown(storage, "alice", other, newKey);
  expect(second.idempotencyKey).not.toBe(first.idempotencyKey);
  expect(unanswered(storage, "alice")).toEqual([first, second]);
  expect(writeDown(storage, "alice", wish, newKey)).toEqual(first);
});

test("an answer forgets its own wish only", () => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  const second = writeDown(storage, "alice", { ...wish, planSlug: "monthly" }, newKey);
  forget(storage, "alice", first.idempotencyKey);
  expect(unanswered(storage, "alice")).toEqual([second]);
});

test("one account's wish is not another's", () => {
  const storage = place();
  writeDown(storage, "alice", wish, newKey);
  expect(unanswered(storage, "bob")).toEqual([]);
});

test("a place that keeps nothing gives no wish to send", () => {
  const full = { ...place(), setItem: () => { throw new Error("full"); } };
  expect(() => writeDown(full, "alice", wish, newKey)).toThrow("full");
});

test.each(["{", "null", "{}", '[null, 1, {"planSlug":"starter"}]'])("what somebody else wrote there is no wish: %s", (text) => {
  const storage = place();
  storage.setItem("billing.wishes.alice", text);
  expect(unanswered(storage, "alice")).toEqual([]);
  expect(writeDown(storage, "alice", wish, newKey).idempotencyKey).toBeTruthy();
});
