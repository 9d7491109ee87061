import { Button, Input } from "antd";
import { useCallback, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { useAsk } from "../api/hooks";
import { credits as creditsText, fromMinorUnits, toMinorUnits } from "../figures/figures";
import { useFigures } from "../figures/useFigures";
import { Field } from "../shell/Field";
import { Failed, Loading, Trouble } from "../shell/States";
import { canSignIn, signIn } from "../shell/session";
import { creditsFor } from "./bonus";
import { PlanLines } from "./PlanCard";
import { PlanPrice } from "./PlanPrice";
import { PaymentMethodsDocument, type ShopPlanFragment } from "./purchase.generated";
import { useWish } from "./useWish";
import { writeDown } from "./wishes";

/** The order form of one plan: how much, and how to pay. */
export function Checkout({ plan, account, reload }: { plan: ShopPlanFragment; account: string | undefined; reload: () => void }) {
  const { t, i18n } = useTranslation();
  const { money } = useFigures();
  const navigate = useNavigate();
  const { data, failure: noMethods, again } = useAsk(PaymentMethodsDocument, { planSlug: plan.slug });
  const methods = data?.paymentMethods;
  const [chosen, setChosen] = useState<string>();
  const method = methods?.find(({ id }) => id === chosen) ?? methods?.[0];
  const { customAmount: custom, price: proposed } = plan;
  const { currency } = proposed;
  const [typed, setTyped] = useState(() => fromMinorUnits(proposed.minorUnits, currency));
  const [complaint, setComplaint] = useState(false);
  // Going back from the order does not lead to the form that made it.
  const placed = useCallback((number: string) => void navigate(`/orders/${number}`, { replace: true, state: { pay: true } }), [navigate]);
  const { busy, failure, problems, send } = useWish(account, placed);

  const minorUnits = custom ? toMinorUnits(typed, currency) : proposed.minorUnits;
  const inRange = minorUnits !== null && (!custom || (minorUnits >= custom.minimum.minorUnits && minorUnits <= custom.maximum.minorUnits));
  const range = custom && { from: money(custom.minimum), to: money(custom.maximum) };
  const gives = custom && inRange ? creditsFor(custom, minorUnits, currency) : null;
  const outOfRange = problems.find(({ __typename }) => __typename === "AmountOutOfRange");
  const others = problems.filter((problem) => problem !== outOfRange);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (account === undefined) return void signIn();
    if (!inRange || !method) return setComplaint(true);
    const price = { minorUnits, currency };
    void send(() => writeDown(localStorage, account, { planSlug: plan.slug, methodId: method.id, amount: custom ? price : null, expectedPrice: price }, () => crypto.randomUUID()));
  };

  return (
    <form className="checkout" onSubmit={submit} noValidate>
      <section className="panel" aria-labelledby="summary">
        <h2 id="summary">{t("purchase.summary")}</h2>
        {plan.description && <p className="quiet">{plan.description}</p>}
        {!custom && <PlanPrice plan={plan} />}
        {custom && range && (
          <>
            <Field
              label={`${t("purchase.amount")} (${currency})`}
              hint={t("purchase.amountHint", range)}
              error={complaint && !inRange ? t("purchase.amountWrong", range) : outOfRange?.message}
            >
              {(wiring) => (
                <Input
                  {...wiring}
                  inputMode="decimal"
                  autoComplete="off"
                  value={typed}
                  status={complaint && !inRange ? "error" : ""}
                  onChange={({ target }) => setTyped(target.value)}
                  onBlur={() => setComplaint(!inRange)}
                />
              )}
            </Field>
            {custom.bonuses.length > 0 && (
              <div className="proposals">
                {[{ from: custom.minimum, bonusPercent: null }, ...custom.bonuses].map(({ from, bonusPercent }) => (
                  <button key={from.minorUnits} type="button" aria-pressed={from.minorUnits === minorUnits} onClick={() => setTyped(fromMinorUnits(from.minorUnits, currency))}>
                    {money(from)}
                    {bonusPercent && <small>+{bonusPercent} %</small>}
                  </button>
                ))}
              </div>
            )}
            <p className="gives" aria-live="polite">
              {gives && (
                <>
                  <strong>{t("purchase.gives", { credits: creditsText(gives.credits, i18n.language) })}</strong>
                  {gives.bonusPercent && <span>{t("purchase.bonus", { percent: gives.bonusPercent })}</span>}
                  {custom.validDays !== null && <span>{t("purchase.lapse", { count: custom.validDays })}</span>}
                </>
              )}
            </p>
          </>
        )}
        <PlanLines plan={plan} />
      </section>
      <section className="panel">
        {noMethods && !methods && <Failed failure={noMethods} again={again} />}
        {!methods && !noMethods && <Loading lines={3} />}
        {methods?.length === 0 && <Trouble text={t("purchase.noMethod")} />}
        {methods && methods.length > 0 && (
          <fieldset className="methods">
            <legend>{t("purchase.method")}</legend>
            {methods.map(({ id, name, presentation }) => (
              <label key={id}>
                <input type="radio" name="method" value={id} checked={id === method?.id} onChange={() => setChosen(id)} />
                <span>
                  <strong>{name}</strong>
                  <small>{t(presentation === "QR_CODE" ? "purchase.qr" : "purchase.redirect")}</small>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <div aria-live="polite">
          {others.map((problem) => (
            <div key={problem.__typename} className="note alert" role="alert">
              <span>{problem.message}</span>
              {problem.__typename === "PriceChanged" && (
                <>
                  <span>{t("purchase.priceChanged", { price: money(problem.price) })}</span>
                  <Button onClick={reload}>{t("purchase.newPrice", { price: money(problem.price) })}</Button>
                </>
              )}
              {problem.__typename === "TooManyOpenOrders" && <Link to="/orders?status=AWAITING_PAYMENT">{t("purchase.seeOpen")}</Link>}
            </div>
          ))}
        </div>
        {failure && <Failed failure={failure} />}
        <Button type="primary" size="large" block htmlType="submit" loading={busy} disabled={!plan.onSale || (account === undefined && !canSignIn) || (methods !== undefined && !method)}>
          {account === undefined ? t("purchase.signInFirst") : inRange ? t("purchase.pay", { amount: money({ minorUnits, currency }) }) : t("purchase.amountHint", range ?? { from: "", to: "" })}
        </Button>
        <p className="quiet small">{t("purchase.keep")}</p>
      </section>
    </form>
  );
}
