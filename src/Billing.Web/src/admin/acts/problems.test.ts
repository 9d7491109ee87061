import { expect, test } from "vitest";
import { placeOf } from "./problems";

const has = (...names: string[]) => (name: string) => names.includes(name);

test.each([
  ["what names its field", { __typename: "InvalidPlan", message: "", field: "slug" }, has("slug"), "slug"],
  ["what names a part of one", { __typename: "InvalidPlan", message: "", field: "customAmount.minimum" }, has("customAmount"), "customAmount"],
  ["what has a place by its kind", { __typename: "InsufficientCredits", message: "" }, has("credits"), "credits"],
  ["what has none in this form", { __typename: "InsufficientCredits", message: "" }, has("amount"), undefined],
  ["what is about the whole", { __typename: "ChangedMeanwhile", message: "" }, has("amount"), undefined],
])("%s", (_, problem, form, place) => expect(placeOf(problem, form)).toBe(place));
