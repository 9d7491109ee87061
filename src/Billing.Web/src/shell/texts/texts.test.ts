import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import adminEn from "../../admin/texts/en";
import adminZh from "../../admin/texts/zh-Hans";
import shellEn from "./en";
import shellZh from "./zh-Hans";

type Tree = { [name: string]: string | Tree };
const source = new URL("../../", import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !/generated|\.test\.|texts/.test(file));

/** Every text by its key, plural forms told apart. */
const flat = (tree: Tree, prefix = ""): [string, string][] =>
  Object.entries(tree).flatMap(([name, value]) => (typeof value === "string" ? [[prefix + name, value] as [string, string]] : flat(value, `${prefix}${name}.`)));
const base = (key: string) => key.replace(/_(one|other)$/, "");
const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describeTexts("shell", shellEn, shellZh, (file) => !file.startsWith("admin/"));
describeTexts("admin", adminEn, adminZh, (file) => file.startsWith("admin/"));

function describeTexts(name: string, english: Tree, chinese: Tree, belongs: (file: string) => boolean): void {
  const [en, zh] = [flat(english), flat(chinese)];
  test(`${name}: both languages say the same things`, () => {
    expect([...new Set(zh.map(([key]) => base(key)))].sort()).toEqual([...new Set(en.map(([key]) => base(key)))].sort());
    for (const [key, text] of zh) expect([key, places(text)]).toEqual([key, places(en.find(([known]) => known === key)?.[1] ?? "")]);
    for (const [key, text] of [...en, ...zh]) expect([key, text.trim()]).not.toEqual([key, ""]);
  });

  test(`${name}: English has both forms of what is counted by form`, () => {
    for (const [key] of en) if (/_(one|other)$/.test(key)) for (const form of ["one", "other"]) expect(en.map(([known]) => known)).toContain(`${base(key)}_${form}`);
  });

  test(`${name}: every text is said somewhere`, () => {
    const code = files.filter((file) => belongs(file) || name === "shell").map((file) => readFileSync(new URL(file, source), "utf8")).join("\n");
    // Said by its whole key, or by one that ends with what a status is called.
    const begun = [...code.matchAll(/[`"]([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix!);
    const unsaid = en.map(([key]) => base(key)).filter((key) => !code.includes(`"${key}"`) && !begun.some((prefix) => key.startsWith(prefix)));
    expect([...new Set(unsaid)]).toEqual([]);
  });
}
