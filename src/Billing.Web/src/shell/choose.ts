/** The language to speak: the one that was chosen before, else the one that the browser likes best of those offered, else the first. */
export function choose(offered: string[], before: string | null, wishes: readonly string[]): string {
  if (before && offered.includes(before)) return before;
  for (const wish of wishes) {
    const main = wish.toLowerCase().split("-")[0];
    const found = offered.find((language) => language.toLowerCase().split("-")[0] === main);
    if (found) return found;
  }
  return offered[0] ?? "en";
}
