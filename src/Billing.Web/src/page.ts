import { signInAddress, signOut, subject, takeToken } from "./session";

type Child = Node | string | null | false | undefined;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

/** An element with its attributes, handlers and children. Text is always text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

/** The frame of every page; returns where its content goes. */
export function frame(title: string): HTMLElement {
  takeToken();
  // A page kept by the browser for the back button shows what was, and its buttons and sockets are as they were left.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  const who = subject();
  const main = h("main", { id: "content", tabindex: -1 });
  const link = (href: string, text: string) => h("a", { href, ...(location.pathname === href ? { "aria-current": "page" } : {}) }, text);
  document.body.prepend(
    h("a", { href: "#content", class: "skip" }, "Skip to the content"),
    h(
      "header",
      {},
      h("a", { href: "/purchase", class: "brand" }, "Billing"),
      h("nav", { "aria-label": "Main" }, link("/purchase", "Shop"), link("/redeem", "Redeem"), who && link("/orders", "My orders"), who?.administrator && link("/admin", "Administration")),
      who
        ? h("span", { class: "who" }, who.name, " ", h("button", { class: "plain", click: () => (signOut(), location.assign("/purchase")) }, "Sign out"))
        : h("a", { href: signInAddress(), class: "who" }, "Sign in"),
    ),
    main,
  );
  main.append(h("h1", {}, title));
  return main;
}

/** A line that says what went wrong, read aloud by screen readers. */
export const alertLine = (text: string, ...more: Child[]): HTMLElement => h("p", { role: "alert", class: "alert" }, text, " ", ...more);

const latest = new WeakMap<HTMLElement, object>();

/** Shows what `load` makes; while it loads a skeleton, and when it fails the reason and a way to try again. Of two loads at once the later counts. */
export async function fill(place: HTMLElement, load: () => Promise<Node[]>): Promise<void> {
  latest.set(place, load);
  const show = (...nodes: Node[]) => latest.get(place) === load && place.replaceChildren(...nodes);
  place.replaceChildren(h("div", { class: "skeleton", "aria-busy": true }, "Loading …"));
  try {
    show(...(await load()));
  } catch (error) {
    show(failure(error, () => void fill(place, load)));
  }
}

/** What to say of a failure, and what to do about it. */
export function failure(error: unknown, again: () => void): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const signedOut = (error as { code?: string } | null)?.code === "AUTH_NOT_AUTHENTICATED";
  return alertLine(message, signedOut ? h("a", { href: signInAddress() }, "Sign in") : h("button", { click: again }, "Try again"));
}

export const time = (text: string): HTMLElement => h("time", { datetime: text }, new Date(text).toLocaleString());
