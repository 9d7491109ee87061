/** A typed error of a payload. */
export interface Problem {
  __typename: string;
  message: string;
  field?: string;
}

// Which field an error is about that does not say so itself.
const fields: Record<string, string> = {
  RefundAmountOutOfRange: "amount",
  CreditsAlreadySpent: "amount",
  CreditsOutOfRange: "credits",
  InsufficientCredits: "credits",
  InvalidGrant: "grants",
  CountOutOfRange: "count",
  VanityCodeTaken: "vanityCode",
  InvalidValidity: "validUntil",
  SlugTaken: "slug",
  WebhookAddressRefused: "url",
  WebhookDeliveryNotFound: "what",
};

/** The field that an error stands beside, of those that the form has; none when it is about the whole. */
export function placeOf({ __typename, field }: Problem, has: (field: string) => boolean): string | undefined {
  const named = field ?? fields[__typename];
  if (named === undefined) return undefined;
  // "grants[0].credits" stands beside the grants when it has no field of its own.
  return [named, named.replace(/[[.].*$/, "")].find(has);
}
