import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { failureOf } from "./failure";

const refused = (code: string) => failureOf({ graphQLErrors: [new GraphQLError("No.", { extensions: { code } })], response: { status: 200 } });

test("no answer is no refusal", () => expect(failureOf({ networkError: new Error("Failed to fetch"), graphQLErrors: [], response: undefined })).toEqual({ kind: "unreachable" }));
test("a gateway's page is no refusal", () => expect(failureOf({ networkError: new Error("Bad gateway"), graphQLErrors: [], response: { status: 502 } })).toEqual({ kind: "unreachable" }));
test("a token that is refused as a whole ends the sign-in", () => expect(failureOf({ networkError: new Error(""), graphQLErrors: [], response: { status: 401 } })).toEqual({ kind: "signedOut" }));

test.each([
  ["AUTH_NOT_AUTHENTICATED", { kind: "signedOut" }],
  ["AUTH_NOT_AUTHORIZED", { kind: "forbidden" }],
  ["OUTCOME_UNKNOWN", { kind: "again" }],
  ["TRY_AGAIN", { kind: "again" }],
  ["BAD_CURSOR", { kind: "refused", message: "No." }],
])("%s is %j", (code, failure) => expect(refused(code)).toEqual(failure));
