import { nonce } from "./settings";

// The policy allows styles under a nonce only. The components take it from their provider, but some of what they rest on (measuring a scroll bar, locking the page behind a
// dialog) makes its style elements without. A script that could misuse this could read the nonce as well.
const allowed = nonce;
if (allowed) {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = allowed;
    return element;
  }) as typeof document.createElement;
}
