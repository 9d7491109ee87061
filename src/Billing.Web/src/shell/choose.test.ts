import { expect, test } from "vitest";
import { choose } from "./choose";

const offered = ["en", "zh-Hans"];

test.each([
  ["what was chosen before", "zh-Hans", ["en-GB"], "zh-Hans"],
  ["not what is not offered any more", "fr", ["zh-CN"], "zh-Hans"],
  ["the first wish that can be met", null, ["de-DE", "zh-TW", "en"], "zh-Hans"],
  ["English for an English browser", null, ["en-AU", "zh"], "en"],
  ["the first that is offered otherwise", null, ["de"], "en"],
])("%s", (_, before, wishes, spoken) => expect(choose(offered, before, wishes)).toBe(spoken));
