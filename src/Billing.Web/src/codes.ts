import { ask, type Problem } from "./api";
import { grantFields, grantText, type Grant } from "./grants";
import { alertLine, failure, fill, h, time } from "./page";

interface Batch {
  id: string;
  name: string;
  status: string;
  count: number;
  issued: number;
  redeemed: number;
  disabled: number;
  createdAt: string;
  grants: Grant[];
}

const problems = "errors { __typename ... on Error { message code } }";
const batchFields = `id name status count issued redeemed disabled createdAt ${grantFields}`;

/** The administrators' part for code batches: what there is, an export, disabling, and a form for a new one. */
export function codeBatches(): HTMLElement {
  const list = h("section");
  show(null);
  return h("section", {}, list, h("h3", {}, "New codes"), newBatch(() => show(null)));

  function show(after: string | null): void {
    void fill(list, async () => {
      const { codeBatches: page } = await ask<{ codeBatches: { nodes: Batch[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } }>(
        `query ($after: String) { codeBatches(first: 20, after: $after) { nodes { ${batchFields} } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      if (page.nodes.length === 0) return [h("p", {}, "No codes were issued.")];
      const { hasNextPage, endCursor } = page.pageInfo;
      return [
        h("ul", { class: "work" }, ...page.nodes.map((batch) => line(batch, () => show(after)))),
        h("p", {}, hasNextPage ? h("button", { click: () => show(endCursor) }, "Older") : "", after ? h("button", { click: () => show(null) }, "Newest") : ""),
      ];
    });
  }
}

function line(batch: Batch, changed: () => void): HTMLElement {
  const answer = h("span", { "aria-live": "polite" });
  const exporting = h("button", { click: () => void act(exporting, download) }, "Export");
  const disabling = h("button", { click: () => void act(disabling, disable) }, "Disable");
  return h(
    "li",
    {},
    h("strong", {}, batch.name),
    " ",
    time(batch.createdAt),
    ` ${batch.grants.map(grantText).join("; ")}. ${batch.issued} of ${batch.count} issued, ${batch.redeemed} redemptions, ${batch.disabled} disabled, ${batch.status.toLowerCase()}. `,
    exporting,
    " ",
    batch.status.startsWith("DISABL") ? "" : disabling,
    answer,
  );

  async function act(button: HTMLButtonElement, what: () => Promise<void>): Promise<void> {
    button.disabled = true;
    answer.replaceChildren();
    try {
      await what();
    } catch (error) {
      answer.replaceChildren(failure(error, () => void act(button, what)));
    }
    button.disabled = false;
  }

  // The link is good for some minutes, so it is asked for when it is wanted.
  async function download(): Promise<void> {
    const { codeBatch } = await ask<{ codeBatch: { exportUrl: string } | null }>("query ($id: ID!) { codeBatch(id: $id) { exportUrl } }", { id: batch.id });
    if (codeBatch) location.assign(codeBatch.exportUrl);
  }

  async function disable(): Promise<void> {
    const note = prompt(`Disable all codes of “${batch.name}” that are not used up? This cannot be undone. Why?`);
    if (!note?.trim()) return;
    const { disableRedemptionCodes } = await ask<{ disableRedemptionCodes: { disabled: number; errors: Problem[] | null } }>(
      `mutation ($input: DisableRedemptionCodesInput!) { disableRedemptionCodes(input: $input) { disabled ${problems} } }`,
      { input: { batch: { batchId: batch.id, note } } },
    );
    if (disableRedemptionCodes.errors) answer.replaceChildren(...disableRedemptionCodes.errors.map((error) => alertLine(error.message)));
    else changed();
  }
}

function newBatch(changed: () => void): HTMLElement {
  const field = (label: string, name: string, attributes: Record<string, string | number | boolean> = {}) => {
    const input = h("input", { name, required: true, ...attributes });
    return { input, label: h("label", {}, `${label} `, input) };
  };
  const name = field("Name", "batch", { maxlength: 200 });
  const count = field("How many", "count", { type: "number", min: 1, max: 1_000_000, step: 1, value: 10 });
  const credits = field("Credits each", "batch-credits", { inputmode: "decimal", pattern: "\\d+(\\.\\d{1,6})?" });
  const prefix = field("Prefix", "prefix", { maxlength: 12, pattern: "[A-Za-z0-9]*", required: false });
  const note = field("Note", "batch-note", { maxlength: 1000, required: false });
  const answer = h("div", { "aria-live": "polite" });
  const issue = h("button", { type: "submit" }, "Issue");
  // The same form sent again after a lost answer is the same wish; a changed one is another.
  let wish: { content: string; key: string } | null = null;
  return h("form", { class: "plan-form", submit: (event) => (event.preventDefault(), void send()) }, name.label, count.label, credits.label, prefix.label, note.label, issue, answer);

  async function send(): Promise<void> {
    const input = {
      name: name.input.value,
      count: count.input.valueAsNumber,
      grants: [{ credits: { credits: credits.input.value } }],
      prefix: prefix.input.value || null,
      note: note.input.value || null,
    };
    const content = JSON.stringify(input);
    wish = wish?.content === content ? wish : { content, key: crypto.randomUUID() };
    issue.disabled = true;
    answer.replaceChildren();
    try {
      const { issueRedemptionCodes: payload } = await ask<{ issueRedemptionCodes: { batch: Batch | null; codes: string[] | null; errors: Problem[] | null } }>(
        `mutation ($input: IssueRedemptionCodesInput!) { issueRedemptionCodes(input: $input) { batch { ${batchFields} } codes ${problems} } }`,
        { input: { ...input, idempotencyKey: wish.key } },
      );
      if (payload.batch) wish = null;
      answer.replaceChildren(
        ...(payload.errors ?? []).map((error) => alertLine(error.message)),
        ...(payload.batch ? [h("p", {}, `${payload.batch.issued} of ${payload.batch.count} codes are issued.`), h("pre", { class: "codes", tabindex: 0 }, (payload.codes ?? []).join("\n"))] : []),
      );
      if (payload.batch) changed();
    } catch (error) {
      answer.replaceChildren(failure(error, () => void send()));
    }
    issue.disabled = false;
  }
}
