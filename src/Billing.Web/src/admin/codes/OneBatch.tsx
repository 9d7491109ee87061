import { Progress } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ask } from "../../api/client";
import type { Failure } from "../../api/failure";
import { failureIn, usePages } from "../../api/hooks";
import { watch } from "../../api/watch";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import { Grants } from "../../grants/Grants";
import type { CodeStatus } from "../../schema.generated";
import { Page } from "../../shell/Page";
import { Failed, Loading, Trouble } from "../../shell/States";
import { Download } from "../lists/Download";
import { Act } from "../acts/Act";
import { Entry } from "../acts/Form";
import { AccountLink } from "../links";
import { FilterBy, TypedFilters, useFilters } from "../lists/Filters";
import { Facts, Listing } from "../lists/Listing";
import { BatchChangedDocument, BatchCodesDocument, AssignCodeDocument, DisableCodesDocument, ExportBatchDocument, OneBatchDocument, type BatchCountedFragment, type BatchLineFragment } from "./codes.generated";
import { BatchTag, CodeTag } from "./tags";

const statuses: CodeStatus[] = ["ACTIVE", "REDEEMED", "EXPIRED", "DISABLED"];

/** One batch, live: how far it is, its codes, and what can be done with it. */
export function OneBatch() {
  const { t } = useTranslation("admin");
  const { id = "" } = useParams();
  const { batch, counts, failure, again } = useBatch(id);
  return (
    <Page title={batch?.name ?? t("codes.batch")} aside={<Link to="/admin/codes">{t("codes.every")}</Link>}>
      {failure && !batch && <Failed failure={failure} again={again} />}
      {batch === undefined && !failure && <Loading lines={8} />}
      {batch === null && <Trouble text={t("codes.noSuchBatch")} />}
      {batch && <Details batch={batch} counts={counts} again={again} />}
    </Page>
  );
}

function useBatch(id: string) {
  const [batch, setBatch] = useState<BatchLineFragment | null>();
  const [counts, setCounts] = useState<Counts>();
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stale = false;
    const take = (fresh: BatchLineFragment | null) => {
      // Of two answers the later version counts, whichever came first.
      if (!stale) setBatch((before) => (before && fresh && before.id === fresh.id && before.version > fresh.version ? before : fresh));
    };
    const load = async () => {
      const { codeBatch } = await ask(OneBatchDocument, { id });
      take(codeBatch);
      if (!stale && codeBatch) setCounts(codeBatch);
    };
    load().catch((error: unknown) => stale || setFailure(failureIn(error)));
    let status: BatchLineFragment["status"] | undefined;
    const push = (fresh: BatchLineFragment) => {
      take(fresh);
      // A step of the work moves its progress; when the work is done, it is counted again.
      if (status && status !== fresh.status) load().catch((error: unknown) => stale || setFailure(failureIn(error)));
      status = fresh.status;
    };
    const stop = watch(BatchChangedDocument, { id }, ({ codeBatchChanged }) => push(codeBatchChanged), load);
    return () => {
      stale = true;
      stop();
    };
  }, [id, round]);
  return { batch, counts, failure, again: () => (setFailure(undefined), setRound((before) => before + 1)) };
}

type Counts = Pick<BatchCountedFragment, "redeemed" | "disabled">;

function Details({ batch, counts, again }: { batch: BatchLineFragment; counts: Counts | undefined; again: () => void }) {
  const { t } = useTranslation("admin");
  const { credits } = useFigures();
  const filters = useFilters();
  const status = filters.one("status", statuses) ?? null;
  const codes = usePages(BatchCodesDocument, { id: batch.id, first: 50, status, account: filters.get("account") || null }, ({ codeBatch }) => codeBatch?.codes);
  const changed = () => {
    again();
    codes.refresh();
  };
  const { done, total } = batch.progress;
  const under = batch.status === "ISSUING" || batch.status === "DISABLING";
  const left = batch.count - (counts?.disabled ?? 0);
  return (
    <>
      <section className="panel" aria-labelledby="facts">
        <h2 id="facts">
          {t("codes.batch")} <BatchTag status={batch.status} />
        </h2>
        {under && (
          <>
            <Progress percent={total === 0 ? 0 : Math.floor((done * 100) / total)} aria-label={t(`batchStatus.${batch.status}`)} />
            <p role="status">{t("codes.progress", { done, total })}</p>
          </>
        )}
        <Facts
          of={[
            [t("codes.count"), batch.count],
            [t("codes.redeemed"), counts?.redeemed ?? "…"],
            [t("codes.disabled"), counts?.disabled ?? "…"],
            [t("codes.grants"), <Grants key="grants" grants={batch.grants} />],
            batch.prefix && [t("codes.prefix"), <code key="prefix">{batch.prefix}</code>],
            batch.validFrom && [t("codes.from"), <Moment key="from" at={batch.validFrom} />],
            batch.validUntil && [t("codes.until"), <Moment key="until" at={batch.validUntil} />],
            [t("codes.perCode"), batch.maxRedemptionsPerCode],
            [t("codes.perAccount"), batch.maxRedemptionsPerAccount],
            batch.maxRedemptions !== null && [t("codes.inAll"), batch.maxRedemptions],
            batch.creditBudget !== null && [t("codes.budget"), credits(batch.creditBudget)],
            batch.eligibility.length > 0 && [t("codes.who"), <Rules key="who" of={batch.eligibility} />],
            [t("codes.created"), <span key="created"><Moment at={batch.createdAt} /> · {batch.createdBy}</span>],
            batch.note && [t("act.noteOptional"), batch.note],
          ]}
        />
        <div className="actions">
          <Download name={t("codes.export")} query={ExportBatchDocument} variables={{ id: batch.id }} pick={({ codeBatch }) => codeBatch?.exportUrl} />
          <Act
            name={t("codes.assign")}
            note="optional"
            mutation={AssignCodeDocument}
            pick={({ assignRedemptionCode }) => assignRedemptionCode}
            input={(form) => ({ input: { batchId: batch.id, accountId: form.text("accountId"), source: form.text("source"), note: form.optional("note") } })}
            says={t("codes.assigns")}
            result={({ code }) => <Given code={code} />}
            done={changed}
          >
            <Entry name="accountId" kind="code" label={t("codes.assignTo")} />
            <Entry name="source" label={t("codes.source")} hint={t("codes.sourceHint")} />
          </Act>
          {(batch.status === "ISSUED" || batch.status === "ISSUING") && (
            <Act
              name={t("codes.disableBatch")}
              danger
              note="needed"
              mutation={DisableCodesDocument}
              pick={({ disableRedemptionCodes }) => disableRedemptionCodes}
              input={(form) => ({ input: { batch: { batchId: batch.id, note: form.written("note") } } })}
              says={t("codes.disablesBatch", { count: left, name: batch.name })}
              done={changed}
            />
          )}
        </div>
      </section>
      <TypedFilters filters={filters} fields={[{ name: "account", label: t("codes.ofAccount") }]} />
      <div className="filters">
        <FilterBy filters={filters} name="status" label={t("codes.status")} any={t("lists.any")} options={statuses.map((one) => [one, t(`codeStatus.${one}`)])} />
      </div>
      <Listing
        title={t("section.codes")}
        none={t("codes.noCodes")}
        pages={codes}
        columns={[
          { name: t("codes.code"), of: ({ id, masked }) => <Link to="/admin/codes/one" state={{ code: id }}><code>{masked}</code></Link> },
          { name: t("codes.status"), of: (code) => <CodeTag status={code.status} /> },
          { name: t("codes.remaining"), of: ({ remainingRedemptions }) => remainingRedemptions, figure: true },
          { name: t("codes.assignedTo"), of: ({ assignedTo }) => (assignedTo ? <AccountLink accountId={assignedTo.accountId} /> : "–") },
          { name: t("codes.created"), of: ({ createdAt }) => <Moment at={createdAt} /> },
        ]}
      />
    </>
  );
}

function Given({ code }: { code: string | null }) {
  const { t } = useTranslation("admin");
  return (
    <p>
      {t("codes.given")} <code>{code}</code>
    </p>
  );
}

function Rules({ of }: { of: BatchLineFragment["eligibility"] }) {
  const { t } = useTranslation("admin");
  return (
    <ul>
      {of.map((rule) => (
        <li key={rule.__typename}>
          {t(`rule.${rule.__typename}`, {
            what:
              rule.__typename === "AccountGroups"
                ? rule.anyOf.join(", ")
                : rule.__typename === "NamedAccounts"
                  ? rule.accountIds.join(", ")
                  : rule.__typename === "SubscribersOf"
                    ? rule.anyTierOf.join(", ")
                    : rule.__typename === "NewAccountsOnly"
                      ? rule.registeredWithinDays
                      : "",
          })}
        </li>
      ))}
    </ul>
  );
}
