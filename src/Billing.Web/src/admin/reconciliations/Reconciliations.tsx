import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate, useParams } from "react-router";
import { useEffect } from "react";
import { useAsk, usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import type { PriceFragment } from "../../figures/money.generated";
import { useFigures } from "../../figures/useFigures";
import { Page } from "../../shell/Page";
import { Failed, Loading, Trouble } from "../../shell/States";
import { Act } from "../acts/Act";
import { Choice, Entry } from "../acts/Form";
import { OrderLink } from "../links";
import { Facts, Listing } from "../lists/Listing";
import { OneReconciliationDocument, ReconcileDocument, ReconciledMethodsDocument, ReconciliationsDocument, type OneReconciliationQuery, type ReconciliationLineFragment } from "./reconciliations.generated";

type Report = NonNullable<OneReconciliationQuery["reconciliation"]>;

// A report grows while it is made; nobody is told of its steps.
const lookAgainAfter = 2000;

/** How each day's books compare with the providers' own. */
export default function Reconciliations() {
  return (
    <Routes>
      <Route path="/" element={<Every />} />
      <Route path=":id" element={<One />} />
    </Routes>
  );
}

const addressOf = (id: string) => `/admin/reconciliations/${encodeURIComponent(id)}`;

function Every() {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const { data } = useAsk(ReconciledMethodsDocument, {});
  const pages = usePages(ReconciliationsDocument, { first: 30 }, ({ reconciliations }) => reconciliations);
  return (
    <Page
      title={t("section.reconciliations")}
      aside={
        data && (
          <Act
            name={t("reconciliations.compare")}
            primary
            mutation={ReconcileDocument}
            pick={({ reconcile }) => reconcile}
            input={(form) => ({ input: { methodId: form.text("methodId"), day: form.text("day") } })}
            says={t("reconciliations.does")}
            done={({ reconciliation }) => reconciliation && void navigate(addressOf(reconciliation.id))}
          >
            <Choice name="methodId" label={t("reconciliations.method")} options={data.paymentMethods.map(({ id, name }) => [id, name] as const)} />
            <Entry name="day" kind="day" label={t("reconciliations.day")} />
          </Act>
        )
      }
    >
      <p className="quiet">{t("reconciliations.says")}</p>
      <Listing
        title={t("section.reconciliations")}
        none={t("reconciliations.none")}
        pages={pages}
        columns={[
          { name: t("reconciliations.day"), of: ({ id, day, methodId }) => <Link to={addressOf(id)}>{`${day} · ${methodId}`}</Link> },
          { name: t("reconciliations.state"), of: (report) => <State report={report} /> },
          { name: t("reconciliations.orders"), of: ({ orders }) => orders, figure: true },
          { name: t("reconciliations.agreed"), of: ({ agreed }) => agreed, figure: true },
          { name: t("reconciliations.healed"), of: ({ healed }) => healed, figure: true },
          { name: t("reconciliations.differing"), of: ({ differing }) => differing, figure: true },
          { name: t("reconciliations.notCompared"), of: ({ notCompared }) => notCompared, figure: true },
        ]}
      />
    </Page>
  );
}

function State({ report: { phase, progress, differing, notCompared, restsUntil } }: { report: ReconciliationLineFragment }) {
  const { t, i18n } = useTranslation("admin");
  if (phase !== "DONE") {
    const done = new Intl.NumberFormat(i18n.language, { style: "percent" }).format(progress);
    return <span className="tag plain">{restsUntil ? t("reconciliations.rests", { done }) : t("reconciliations.runs", { done })}</span>;
  }
  const [tone, text] = differing > 0 ? (["warn", "differs"] as const) : notCompared > 0 ? (["warn", "incomplete"] as const) : (["good", "agrees"] as const);
  return <span className={`tag ${tone}`}>{t(`reconciliations.${text}`)}</span>;
}

function One() {
  const { t } = useTranslation("admin");
  const { id = "" } = useParams();
  const { data, failure, again } = useAsk(OneReconciliationDocument, { id });
  const report = data?.reconciliation;
  const runs = report ? report.phase !== "DONE" : false;
  useEffect(() => {
    if (!runs || failure) return;
    const timer = setInterval(again, lookAgainAfter);
    return () => clearInterval(timer);
  }, [runs, failure, again]);
  return (
    <Page title={report ? t("reconciliations.one", { method: report.methodId, day: report.day }) : t("section.reconciliations")} aside={<Link to="/admin/reconciliations">{t("reconciliations.every")}</Link>}>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={6} />}
      {report === null && <Trouble text={t("reconciliations.noSuch")} />}
      {report && <Details report={report} again={again} />}
    </Page>
  );
}

function Details({ report, again }: { report: Report; again: () => void }) {
  const { t } = useTranslation("admin");
  const { methodId, day } = report;
  return (
    <>
      <section className="panel" aria-labelledby="facts">
        <h2 id="facts">
          {t("reconciliations.how")} <State report={report} />
        </h2>
        <Facts
          of={[
            [t("reconciliations.range"), <span key="range"><Moment at={report.from} /> – <Moment at={report.to} /></span>],
            [t("reconciliations.by"), t(`reconciliationSource.${report.source}`)],
            [t("reconciliations.requestedBy"), report.requestedBy],
            [t("reconciliations.round"), report.round],
            [t("reconciliations.started"), <Moment key="started" at={report.startedAt} />],
            report.finishedAt && [t("reconciliations.finished"), <Moment key="finished" at={report.finishedAt} />],
            [t("reconciliations.orders"), report.orders],
            [t("reconciliations.agreed"), report.agreed],
            [t("reconciliations.healed"), report.healed],
            [t("reconciliations.differing"), report.differing],
            [t("reconciliations.notCompared"), report.notCompared],
          ]}
        />
        {report.phase === "DONE" && (
          <Act
            name={t("reconciliations.again")}
            mutation={ReconcileDocument}
            pick={({ reconcile }) => reconcile}
            input={() => ({ input: { methodId, day } })}
            says={t("reconciliations.does")}
            done={again}
          />
        )}
      </section>
      <Sums sums={report.sums} />
      <Differences report={report} />
    </>
  );
}

function Sums({ sums }: { sums: Report["sums"] }) {
  const { t } = useTranslation("admin");
  const { money } = useFigures();
  if (sums.length === 0) return null;
  const rows = sums.flatMap(({ receivedHere, receivedThere, refundedHere, refundedThere }) => [
    ["received", receivedHere, receivedThere] as const,
    ["refunded", refundedHere, refundedThere] as const,
  ]);
  return (
    <section className="panel" aria-labelledby="sums">
      <h2 id="sums">{t("reconciliations.sums")}</h2>
      <div className="scroll bare" role="group" aria-labelledby="sums" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("reconciliations.what")}</th>
              <th scope="col" className="figure">
                {t("reconciliations.here")}
              </th>
              <th scope="col" className="figure">
                {t("reconciliations.there")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, here, there]) => (
              <tr key={name + here.currency}>
                <th scope="row">{t(`reconciliations.row.${name}`)}</th>
                <td className="figure">{money(here)}</td>
                <td className="figure">{money(there)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Differences({ report: { differences, differencesTotal } }: { report: Report }) {
  const { t } = useTranslation("admin");
  const { money } = useFigures();
  const sum = (amount: PriceFragment | null) => (amount ? money(amount) : "–");
  return (
    <section aria-labelledby="differences">
      <h2 id="differences">{t("reconciliations.differences")}</h2>
      {differencesTotal > differences.length && <p className="quiet">{t("reconciliations.first", { shown: differences.length, total: differencesTotal })}</p>}
      <Listing
        title={t("reconciliations.differences")}
        none={t("reconciliations.noDifference")}
        pages={{ nodes: differences.map((difference, place) => ({ ...difference, id: String(place) })) }}
        columns={[
          { name: t("reconciliations.what"), of: ({ kind }) => t(`differenceKind.${kind}`) },
          { name: t("reconciliations.end"), of: ({ end }) => <span className={`tag ${end === "WORK_ITEM" ? "warn" : end === "HEALED" ? "good" : "plain"}`}>{t(`differenceEnd.${end}`)}</span> },
          { name: t("reconciliations.order"), of: ({ order, paymentNumber }) => (order ? <OrderLink number={order.number} /> : <code>{paymentNumber}</code>) },
          { name: t("reconciliations.number"), of: ({ refundNumber, transactionId }) => <code>{refundNumber ?? transactionId ?? "–"}</code> },
          { name: t("reconciliations.here"), of: ({ here }) => sum(here), figure: true },
          { name: t("reconciliations.there"), of: ({ there }) => sum(there), figure: true },
        ]}
      />
    </section>
  );
}
