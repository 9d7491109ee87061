import { ask, type Problem } from "./api";
import { credits } from "./figures";
import { grantFields, grantText, type Grant } from "./grants";
import { alertLine, failure, fill, frame, h, time } from "./page";
import { signInAddress, subject } from "./session";

interface Redemption {
  at: string;
  masked: string;
  grants: Grant[];
  reversedAt: string | null;
}

const problems = "errors { __typename ... on Error { message code } }";
const redemptionFields = `at masked reversedAt ${grantFields}`;

const main = frame("Redeem a code");
const answer = h("div", { "aria-live": "polite" });
const history = h("section");
if (subject()) {
  main.append(form(), answer, h("h2", {}, "Redeemed so far"), history);
  showHistory(null);
} else {
  main.append(h("p", {}, h("a", { href: signInAddress() }, "Sign in"), " to redeem a code."));
}

/** Looking at a code first and redeeming it then are two buttons of one form: nothing is used up by looking. */
function form(): HTMLElement {
  // A code is nobody's but the account's: the browser shall not offer it to the next person.
  const code = h("input", { name: "code", required: true, maxlength: 64, autocomplete: "off", autocapitalize: "characters", spellcheck: false });
  const look = h("button", { type: "button", click: () => void run(preview) }, "What does it give?");
  const redeem = h("button", { type: "submit" }, "Redeem");
  return h("form", { class: "filters", submit: (event) => (event.preventDefault(), void run(use)) }, h("label", {}, "Code ", code), look, redeem);

  async function run(act: () => Promise<Node[]>): Promise<void> {
    if (!code.reportValidity()) return;
    look.disabled = redeem.disabled = true;
    answer.replaceChildren();
    try {
      answer.replaceChildren(...(await act()));
    } catch (error) {
      // The same code again is the same wish: trying again cannot use it up twice.
      answer.replaceChildren(failure(error, () => void run(act)));
    }
    look.disabled = redeem.disabled = false;
  }

  async function preview(): Promise<Node[]> {
    const { redemptionPreview: found } = await ask<{ redemptionPreview: { redeemable: boolean; grants: Grant[]; errors: Problem[] } }>(
      `query ($code: String!) { redemptionPreview(code: $code) { redeemable ${grantFields} ${problems} } }`,
      { code: code.value },
    );
    return [
      ...found.errors.map((error) => alertLine(error.message)),
      found.grants.length > 0 ? h("ul", { class: "gives" }, ...found.grants.map((grant) => h("li", {}, grantText(grant)))) : "",
    ].filter((node): node is HTMLElement => node !== "");
  }

  async function use(): Promise<Node[]> {
    const { redeemCode } = await ask<{ redeemCode: { redemption: Redemption | null; replayed: boolean; account: { credits: string } | null; errors: Problem[] | null } }>(
      `mutation ($input: RedeemCodeInput!) { redeemCode(input: $input) { replayed redemption { ${redemptionFields} } account { credits } ${problems} } }`,
      { input: { code: code.value } },
    );
    const { redemption, account, replayed } = redeemCode;
    if (!redemption) return (redeemCode.errors ?? []).map((error) => alertLine(error.message));
    code.value = "";
    showHistory(null);
    return [
      h("p", { class: "result credited" }, replayed ? "You have redeemed this code already: " : "Redeemed: ", redemption.grants.map(grantText).join("; "), "."),
      account ? h("p", { class: "balance" }, `${credits(account.credits)} credits`) : h("p"),
    ];
  }
}

function showHistory(after: string | null): void {
  void fill(history, async () => {
    const { me } = await ask<{ me: { redemptions: { nodes: Redemption[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } | null }>(
      `query ($after: String) { me { redemptions(first: 20, after: $after) { nodes { ${redemptionFields} } pageInfo { hasNextPage endCursor } } } }`,
      { after },
    );
    if (!me || me.redemptions.nodes.length === 0) return [h("p", {}, "Nothing yet.")];
    const { nodes, pageInfo } = me.redemptions;
    return [
      h("ul", {}, ...nodes.map((line) => h("li", {}, time(line.at), ` ${line.masked}: ${line.grants.map(grantText).join("; ")}`, line.reversedAt && " (taken back)"))),
      h("p", {}, pageInfo.hasNextPage ? h("button", { click: () => showHistory(pageInfo.endCursor) }, "Older") : "", after ? h("button", { click: () => showHistory(null) }, "Newest") : ""),
    ];
  });
}
