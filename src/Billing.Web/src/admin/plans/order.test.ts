import { expect, test } from "vitest";
import { changedPlaces } from "./order";

test("plans that stand where they should stay untouched", () => {
  expect(changedPlaces([])).toEqual([]);
  expect(changedPlaces([{ slug: "a", sortOrder: 10 }, { slug: "b", sortOrder: 20 }])).toEqual([]);
});

test("after any change every plan has a place of its own, in the order that was wanted", () => {
  const wanted = [{ slug: "c", sortOrder: 30 }, { slug: "a", sortOrder: 10 }, { slug: "b", sortOrder: 10 }];
  const changed = changedPlaces(wanted);
  expect(changed).toEqual([{ slug: "c", sortOrder: 10 }, { slug: "a", sortOrder: 20 }, { slug: "b", sortOrder: 30 }]);
  expect(changedPlaces(changed)).toEqual([]);
});
