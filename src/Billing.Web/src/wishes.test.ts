import { expect, test } from "vitest";
import { answered, unanswered, writeDown } from "./wishes";

function place() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const price = { minorUnits: 990, currency: "CNY" };
const wish = { planSlug: "starter", methodId: "sandbox", amount: null, expectedPrice: price };
let count = 0;
const newKey = () => `key-${++count}`;

test("a wish keeps its key until its answer is in", () => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  expect(writeDown(storage, "alice", wish, newKey)).toEqual(first);
  expect(unanswered(storage, "alice")).toEqual(first);
  answered(storage, "alice", first.idempotencyKey);
  expect(unanswered(storage, "alice")).toBeNull();
  expect(writeDown(storage, "alice", wish, newKey).idempotencyKey).not.toBe(first.idempotencyKey);
});

test("another wish takes another key", () => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  expect(writeDown(storage, "alice", { ...wish, planSlug: "monthly" }, newKey).idempotencyKey).not.toBe(first.idempotencyKey);
});

test("an answer to an older wish does not forget the newer one", () => {
  const storage = place();
  const first = writeDown(storage, "alice", wish, newKey);
  const second = writeDown(storage, "alice", { ...wish, planSlug: "monthly" }, newKey);
  answered(storage, "alice", first.idempotencyKey);
  expect(unanswered(storage, "alice")).toEqual(second);
});

test("one account's wish is not another's", () => {
  const storage = place();
  writeDown(storage, "alice", wish, newKey);
  expect(unanswered(storage, "bob")).toBeNull();
});

test("what is written there by somebody else is thrown away", () => {
  const storage = place();
  storage.setItem("billing.wish.alice", "{");
  expect(unanswered(storage, "alice")).toBeNull();
});
