import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { keep, kept } from "./kept";
import { choose } from "./choose";
import { settings } from "./settings";

type Texts = { default: object };

/** Texts that come with the pages, and those that come with a part of them. */
const shells: Record<string, () => Promise<Texts>> = { en: () => import("./texts/en"), "zh-Hans": () => import("./texts/zh-Hans") };
const parts: { name: string; load: Record<string, () => Promise<Texts>> }[] = [];

/** Loads the one language that is needed. */
export async function beginLanguage(): Promise<void> {
  const language = choose(settings.languages, kept("language"), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ["shell"],
    defaultNS: "shell",
    resources: { [language]: { shell: (await load(shells, language)).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** Another language, from now on and at the next visit. */
export async function speak(language: string): Promise<void> {
  i18next.addResourceBundle(language, "shell", (await load(shells, language)).default);
  for (const part of parts) i18next.addResourceBundle(language, part.name, (await load(part.load, language)).default);
  keep("language", language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

/** Adds the texts of a part of the pages that is loaded on demand. */
export async function addTexts(name: string, texts: Record<string, () => Promise<Texts>>): Promise<void> {
  if (parts.some((part) => part.name === name)) return;
  parts.push({ name, load: texts });
  i18next.addResourceBundle(i18next.language, name, (await load(texts, i18next.language)).default);
}

const load = (texts: Record<string, () => Promise<Texts>>, language: string) => (texts[language] ?? texts.en)!();
