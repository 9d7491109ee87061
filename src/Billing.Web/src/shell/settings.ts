/** What the host tells the pages, in the document itself. */
export interface Settings {
  /** Where the host is reached; begins and ends with a slash. */
  basePath: string;
  brand: { name: string; color: string; logoUrl: string | null };
  /** Where people find help, with `{order}` in the place of an order's number. */
  supportUrl: string | null;
  languages: string[];
  signIn: { kind: "development" } | { kind: "oidc"; authority: string; clientId: string; scope: string } | { kind: "none" };
}

// What stands in when Vite serves the document and no host has written into it.
const unserved: Settings = {
  basePath: "/",
  brand: { name: "Billing", color: "#2454d6", logoUrl: null },
  supportUrl: null,
  languages: ["en", "zh-Hans"],
  signIn: { kind: "development" },
};

const block = document.getElementById("settings");

export const settings: Settings = block ? (JSON.parse(block.textContent ?? "") as Settings) : unserved;

/** What the policy lets styles be written under. */
export const nonce: string | undefined = block?.nonce || undefined;

/** An address of the host, below its prefix: `graphql` for example. */
export const address = (path: string): string => settings.basePath + path;

/** Where to ask for help about an order; null when nobody said. */
export const supportAddress = (order: string): string | null => settings.supportUrl?.replaceAll("{order}", encodeURIComponent(order)) ?? null;
