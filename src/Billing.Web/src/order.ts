import { ask, now, watch, type Problem } from "./api";
import { countdown } from "./figures";
import { alertLine, failure, frame, h, time } from "./page";

interface Order {
  number: string;
  version: number;
  status: string;
  amount: { formatted: string };
  plan: { slug: string; name: string };
  expiresAt: string;
  result: { code: string; message: string; nextStep: "PAY" | "WAIT" | "NONE" | "BUY_AGAIN" | "CONTACT_SUPPORT" };
  payment: { redirectUrl: string | null; qrCodeSvg: string | null; method: { id: string; name: string } } | null;
  timeline: { at: string; kind: string; detail: string | null }[];
}

const fields = `number version status amount { formatted } plan { slug name } expiresAt result { code message nextStep }
  payment { redirectUrl qrCodeSvg method { id name } } timeline { at kind detail }`;
const problems = "errors { __typename ... on Error { message code } }";
const number = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");

const main = frame("Order");
// The sentence alone is read aloud when it changes.
const sentence = h("div", { "aria-live": "polite" });
const left = h("p", { class: "countdown" });
const status = h("section");
const problem = h("div", { "aria-live": "polite" });
const timeline = h("ol");
const history = h("details", { hidden: true }, h("summary", {}, "What happened"), timeline);
main.append(sentence, left, status, problem, history);

let shown: Order | null = null;
void load();
setInterval(showCountdown, 1000);

async function load(): Promise<void> {
  status.replaceChildren(h("div", { class: "skeleton", "aria-busy": true }, "Loading …"));
  try {
    const { order } = await read();
    if (!order) {
      status.replaceChildren(alertLine("There is no such order among yours. Check the number."));
      return;
    }
    const { paymentMethods } = await ask<{ paymentMethods: { id: string; name: string }[] }>("query ($slug: String) { paymentMethods(planSlug: $slug) { id name } }", { slug: order.plan.slug });
    show(order, paymentMethods);
    const stop = watch<{ orderChanged: Order }>(
      `subscription ($number: ID!, $since: Long) { orderChanged(number: $number, sinceVersion: $since) { ${fields} } }`,
      { number, since: order.version },
      ({ orderChanged }) => show(orderChanged, paymentMethods),
      async () => {
        const { order: polled } = await read();
        return polled && { orderChanged: polled };
      },
      (error) => problem.replaceChildren(failure(error, () => location.reload())),
    );
    addEventListener("pagehide", stop, { once: true });
  } catch (error) {
    status.replaceChildren(failure(error, () => void load()));
  }
}

function read(): Promise<{ order: Order | null }> {
  return ask(`query ($number: ID!) { order(number: $number) { ${fields} } }`, { number });
}

function show(order: Order, methods: { id: string; name: string }[]): void {
  // What is older than what is shown comes from a slower path; what is the same would take the keyboard's place and be read aloud again.
  if (shown && (order.version < shown.version || JSON.stringify(order) === JSON.stringify(shown))) return;
  shown = order;
  const { payment, result } = order;
  const payable = result.nextStep === "PAY";
  const others = methods.filter(({ id }) => id !== payment?.method.id || !(payment.redirectUrl ?? payment.qrCodeSvg));
  const held = document.activeElement instanceof HTMLButtonElement && status.contains(document.activeElement) ? document.activeElement.textContent : null;
  const line = h("p", { class: `result ${result.code.toLowerCase()}`, "data-status": order.status }, result.message);
  if (!sentence.firstElementChild?.isEqualNode(line)) sentence.replaceChildren(line);
  status.replaceChildren(
    h(
      "dl",
      {},
      h("dt", {}, "Order"),
      h("dd", {}, h("code", {}, order.number)),
      h("dt", {}, "Plan"),
      h("dd", {}, order.plan.name),
      h("dt", {}, "Amount"),
      h("dd", {}, order.amount.formatted),
    ),
    payable && payment?.redirectUrl ? h("p", {}, h("a", { href: payment.redirectUrl, class: "button" }, `Pay with ${payment.method.name}`)) : "",
    payable && payment?.qrCodeSvg
      ? h(
          "figure",
          {},
          h("img", { src: `data:image/svg+xml,${encodeURIComponent(payment.qrCodeSvg)}`, alt: "QR code: scan it to pay", width: 220, height: 220 }),
          h("figcaption", {}, `Scan to pay ${order.amount.formatted} with ${payment.method.name}`),
        )
      : "",
    payable && payment && !payment.redirectUrl && !payment.qrCodeSvg ? h("p", {}, "Your payment is being prepared …") : "",
    h(
      "p",
      { class: "actions" },
      ...(payable ? others.map(({ id, name }) => act(`Pay with ${name}`, "startPayment", "StartPaymentInput", { methodId: id })) : []),
      payable || result.nextStep === "WAIT" ? act("I have paid: ask the provider", "refreshPayment", "RefreshPaymentInput") : "",
      payable ? act("Cancel", "cancelOrder", "CancelOrderInput") : "",
      result.nextStep === "BUY_AGAIN" ? h("a", { href: "/purchase", class: "button" }, "Buy again") : "",
    ),
  );
  [...status.querySelectorAll("button")].find(({ textContent }) => textContent === held)?.focus();
  timeline.replaceChildren(...order.timeline.map((line) => h("li", {}, time(line.at), ` ${line.kind.toLowerCase().replaceAll("_", " ")}`, line.detail && ` (${line.detail})`)));
  history.hidden = false;
  showCountdown();

  function act(text: string, mutation: string, type: string, more: Record<string, string> = {}): HTMLButtonElement {
    const button = h("button", { click: () => void run() }, text);
    return button;

    async function run(): Promise<void> {
      button.disabled = true;
      problem.replaceChildren();
      try {
        const data = await ask<Record<string, { order: Order | null; errors: Problem[] | null }>>(
          `mutation ($input: ${type}!) { ${mutation}(input: $input) { order { ${fields} } ${problems} } }`,
          { input: { orderNumber: order.number, ...more } },
        );
        const payload = data[mutation];
        if (payload?.order) show(payload.order, methods);
        problem.replaceChildren(...(payload?.errors ?? []).map((error) => alertLine(error.message)));
      } catch (error) {
        problem.replaceChildren(failure(error, () => void run()));
      }
      button.disabled = false;
    }
  }
}

function showCountdown(): void {
  if (shown?.result.nextStep !== "PAY") {
    left.textContent = "";
    return;
  }
  const remaining = Date.parse(shown.expiresAt) - now();
  left.textContent = remaining > 0 ? `Time to pay: ${countdown(remaining)}` : "The time to pay is over. The provider is asked once more whether you paid.";
}
