import { credits } from "./figures";

/** What a plan or a code gives. */
export type Grant =
  | { __typename: "CreditGrant"; credits: string; validDays: number | null }
  | { __typename: "SubscriptionGrant"; tier: string; days: number };

export const grantFields = "grants { __typename ... on CreditGrant { credits validDays } ... on SubscriptionGrant { tier days } }";

/** A grant in words. */
export const grantText = (grant: Grant): string =>
  grant.__typename === "CreditGrant"
    ? `${credits(grant.credits)} credits${grant.validDays ? `, to use within ${grant.validDays} days` : ""}`
    : `${grant.tier} for ${grant.days} ${grant.days === 1 ? "day" : "days"}`;
