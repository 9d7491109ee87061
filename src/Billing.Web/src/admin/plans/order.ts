/** The places of plans in the shop. */
export interface Placed {
  slug: string;
  sortOrder: number;
}

// Room for a plan that somebody puts between two others by the API.
const step = 10;

/** Which plans have to change so that the shop shows all of them in this order. */
export const changedPlaces = (wanted: readonly Placed[]): Placed[] =>
  wanted.map(({ slug }, at) => ({ slug, sortOrder: (at + 1) * step })).filter(({ sortOrder }, at) => wanted[at]!.sortOrder !== sortOrder);
