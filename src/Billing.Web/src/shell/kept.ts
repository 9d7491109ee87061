/** A choice that this browser keeps. Where it keeps nothing (a private window), the choice lasts as long as the page. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`billing.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`billing.${name}`);
    else localStorage.setItem(`billing.${name}`, value);
  } catch {
    // It is only a comfort.
  }
}
