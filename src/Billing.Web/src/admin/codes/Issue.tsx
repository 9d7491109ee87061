import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { useFigures } from "../../figures/useFigures";
import type { EligibilityRuleInput, IssueRedemptionCodesInput } from "../../schema.generated";
import { Copyable } from "../../shell/Copyable";
import { Page } from "../../shell/Page";
import { Dialog } from "../acts/Act";
import { Entry, Form, Group, Tick } from "../acts/Form";
import type { Reading } from "../acts/reading";
import { grantsOf } from "../plans/terms";
import { GrantRows } from "../plans/Rows";
import { EstimateCodesDocument, IssueCodesDocument, type EstimateCodesMutation, type IssueCodesMutation } from "./codes.generated";

type Wish = Omit<IssueRedemptionCodesInput, "idempotencyKey" | "dryRun">;
type Estimate = NonNullable<EstimateCodesMutation["issueRedemptionCodes"]["estimate"]>;
type Issued = IssueCodesMutation["issueRedemptionCodes"];

/** Issues codes in two steps: what it comes to is worked out first, and only then is it done. */
export function Issue() {
  const { t } = useTranslation("admin");
  const [asked, setAsked] = useState<{ wish: Wish; estimate: Estimate }>();
  // What was sent last: the estimate is of that and of nothing that was written since.
  const sent = useRef<Wish>(undefined);
  const [issued, setIssued] = useState<Issued>();
  const navigate = useNavigate();
  return (
    <Page title={t("codes.issue")} aside={<Link to="/admin/codes">{t("codes.every")}</Link>}>
      <div className="panel">
        <Form
          mutation={EstimateCodesDocument}
          pick={({ issueRedemptionCodes }) => issueRedemptionCodes}
          note="optional"
          submit={t("codes.estimate")}
          input={(form, key) => {
            sent.current = wishOf(form);
            return { input: { ...sent.current, dryRun: true, idempotencyKey: key } };
          }}
          done={({ estimate }) => estimate && sent.current && setAsked({ wish: sent.current, estimate })}
        >
          <Entry name="name" label={t("codes.name")} hint={t("codes.nameHint")} />
          <div className="pairs">
            <Entry name="count" kind="whole" label={t("codes.howMany")} value={1} />
            <Entry name="prefix" kind="code" label={t("codes.prefix")} hint={t("codes.prefixHint")} />
            <Entry name="vanityCode" kind="code" label={t("codes.vanity")} hint={t("codes.vanityHint")} />
          </div>
          <Group name="grants" label={t("codes.grants")}>
            <GrantRows grants={[{ __typename: "CreditGrant", credits: "", validDays: null }]} />
          </Group>
          <Group label={t("codes.limits")}>
            <div className="pairs">
              <Entry name="validFrom" kind="moment" label={t("codes.from")} />
              <Entry name="validUntil" kind="moment" label={t("codes.until")} />
              <Entry name="maxRedemptionsPerCode" kind="whole" label={t("codes.perCode")} value={1} />
              <Entry name="maxRedemptionsPerAccount" kind="whole" label={t("codes.perAccount")} value={1} />
              <Entry name="maxRedemptions" kind="whole" label={t("codes.inAll")} hint={t("codes.noneHint")} />
              <Entry name="creditBudget" kind="decimal" label={t("codes.budget")} hint={t("codes.noneHint")} />
            </div>
          </Group>
          <Group name="eligibility" label={t("codes.who")}>
            <Tick name="firstPurchaseOnly" label={t("codes.firstPurchase")} />
            <div className="pairs">
              <Entry name="registeredWithinDays" kind="whole" label={t("codes.newAccounts")} hint={t("codes.noneHint")} />
              <Entry name="groups" label={t("codes.groups")} hint={t("codes.listHint")} />
              <Entry name="tiers" label={t("codes.tiers")} hint={t("codes.listHint")} />
              <Entry name="accounts" kind="area" label={t("codes.accounts")} hint={t("codes.listHint")} />
            </div>
          </Group>
        </Form>
      </div>
      {asked && (
        <Dialog
          title={issued ? t("codes.issued") : t("codes.issueSure")}
          close={() => {
            setAsked(undefined);
            if (issued?.batch) void navigate(`/admin/codes/${encodeURIComponent(issued.batch.id)}`);
          }}
        >
          {issued ? (
            <Shown issued={issued} />
          ) : (
            <Form
              mutation={IssueCodesDocument}
              pick={({ issueRedemptionCodes }) => issueRedemptionCodes}
              submit={t("codes.issueCount", { count: asked.estimate.codes })}
              says={<ComesTo estimate={asked.estimate} />}
              input={(_, key) => ({ input: { ...asked.wish, idempotencyKey: key } })}
              done={(payload) => setIssued(payload)}
              close={() => setAsked(undefined)}
            />
          )}
        </Dialog>
      )}
    </Page>
  );
}

function ComesTo({ estimate }: { estimate: Estimate }) {
  const { t, i18n } = useTranslation("admin");
  const { credits } = useFigures();
  const years = new Intl.NumberFormat(i18n.language, { notation: "compact", maximumSignificantDigits: 2 }).format(estimate.yearsToGuessOne);
  return (
    <>
      <p>{t("codes.comesTo", { count: estimate.codes, credits: credits(estimate.maximumCredits) })}</p>
      <p className={estimate.yearsToGuessOne < 1 ? "wrong" : "quiet"}>{t("codes.guessed", { years })}</p>
    </>
  );
}

function Shown({ issued }: { issued: Issued }) {
  const { t } = useTranslation("admin");
  return (
    <>
      <p>{t("codes.shownOnce")}</p>
      <ul className="secret" tabIndex={0} aria-label={t("codes.issued")}>
        {issued.codes?.map((code) => (
          <li key={code}>
            <Copyable text={code} />
          </li>
        ))}
      </ul>
      <p>{issued.batch && <Link to={`/admin/codes/${encodeURIComponent(issued.batch.id)}`}>{t("codes.toBatch")}</Link>}</p>
    </>
  );
}

const listed = (text: string) => text.split(/[\s,，、;；]+/).filter(Boolean);

function wishOf(form: Reading): Wish {
  const rules: EligibilityRuleInput[] = [];
  if (form.checked("firstPurchaseOnly")) rules.push({ firstPurchaseOnly: true });
  const days = form.optionalWhole("registeredWithinDays");
  if (days !== null) rules.push({ newAccountsOnly: { registeredWithinDays: days } });
  const [groups, tiers, accounts] = [listed(form.written("groups")), listed(form.written("tiers")), listed(form.written("accounts"))];
  if (groups.length > 0) rules.push({ accountGroups: { anyOf: groups } });
  if (tiers.length > 0) rules.push({ subscribersOf: { anyTierOf: tiers } });
  if (accounts.length > 0) rules.push({ namedAccounts: { accountIds: accounts } });
  return {
    name: form.text("name"),
    count: form.whole("count"),
    prefix: form.optional("prefix"),
    vanityCode: form.optional("vanityCode"),
    grants: grantsOf(form),
    validFrom: form.moment("validFrom"),
    validUntil: form.moment("validUntil"),
    maxRedemptionsPerCode: form.whole("maxRedemptionsPerCode"),
    maxRedemptionsPerAccount: form.whole("maxRedemptionsPerAccount"),
    maxRedemptions: form.optionalWhole("maxRedemptions"),
    creditBudget: form.optionalDecimal("creditBudget"),
    eligibility: rules.length > 0 ? rules : null,
    note: form.optional("note"),
  };
}
