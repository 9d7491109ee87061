import { Suspense, lazy, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { now } from "../../api/clock";
import { useAsk } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { decimals, toMicro, fromMicro } from "../../figures/figures";
import { useFigures } from "../../figures/useFigures";
import { Choice } from "../../shell/Choice";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing } from "../../shell/States";
import type { Series } from "./Charts";
import { BusinessDocument, OwedDocument, WhatWaitsDocument, type BusinessQuery } from "./overview.generated";
import { conversion, ranges, spanOf, sumsOf, type Range } from "./range";
import { useFilters } from "../lists/Filters";

const Charts = lazy(() => import("./Charts"));
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** How business goes, and what waits for a person. */
export default function Overview() {
  const { t } = useTranslation("admin");
  const filters = useFilters();
  const range = filters.one("range", ranges) ?? "week";
  return (
    <Page
      title={t("section.overview")}
      aside={
        <Choice label={t("overview.range")} value={range} choose={(value) => filters.set({ range: value })}>
          {ranges.map((one) => (
            <option key={one} value={one}>
              {t(`overview.ranges.${one}`)}
            </option>
          ))}
        </Choice>
      }
    >
      <div className="stack">
        <Waits />
        <Business key={range} range={range} />
        <Owed />
      </div>
    </Page>
  );
}

function Waits() {
  const { t } = useTranslation("admin");
  const { data, failure, again } = useAsk(WhatWaitsDocument, {});
  if (failure && !data) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading lines={2} />;
  const refund = data.refundRequests.nodes[0];
  return (
    <section className="panel" aria-labelledby="waits">
      <h2 id="waits">{t("overview.waits")}</h2>
      {data.openWorkItems.length === 0 && !refund && <p className="quiet">{t("overview.nothingWaits")}</p>}
      <ul className="rows">
        {data.openWorkItems.map(({ kind, open, oldestOpenedAt }) => (
          <li key={kind}>
            <Link to={`/admin/work?kind=${kind}`}>{t("overview.waiting", { kind: t(`workKind.${kind}`), open })}</Link>
            <small>
              {t("overview.oldest")} <Moment at={oldestOpenedAt} />
            </small>
          </li>
        ))}
        {refund && (
          <li>
            <Link to="/admin/refunds">{t("overview.refunds")}</Link>
            <small>
              {t("overview.newest")} <Moment at={refund.requestedAt} />
            </small>
          </li>
        )}
      </ul>
    </section>
  );
}

type Bucket = BusinessQuery["statistics"]["buckets"][number];

function Business({ range }: { range: Range }) {
  const { t, i18n } = useTranslation("admin");
  const { money, credits } = useFigures();
  const [span] = useState(() => spanOf(range, now()));
  const { data, failure, again } = useAsk(BusinessDocument, { ...span, timeZone });
  const at = useMemo(() => {
    const formats: Record<string, Intl.DateTimeFormatOptions> = { HOUR: { hour: "numeric", minute: "2-digit" }, MONTH: { year: "2-digit", month: "short" } };
    const format = new Intl.DateTimeFormat(i18n.language, { timeZone, ...(formats[span.interval] ?? { month: "short", day: "numeric" }) });
    return (moment: string) => format.format(new Date(moment));
  }, [i18n.language, span.interval]);
  if (failure && !data) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading lines={10} />;
  const { buckets, byPlan } = data.statistics;
  const revenue = sumsOf(buckets.flatMap((bucket) => bucket.revenue));
  const refunded = sumsOf(buckets.flatMap((bucket) => bucket.refunded));
  const placed = buckets.reduce((sum, { ordersPlaced }) => sum + ordersPlaced, 0);
  const paid = buckets.reduce((sum, { ordersPaid }) => sum + ordersPaid, 0);
  const redeemed = buckets.reduce((sum, { codesRedeemed }) => sum + codesRedeemed, 0);
  const granted = fromMicro(buckets.reduce((sum, { creditsGranted }) => sum + toMicro(creditsGranted), 0n));
  const percent = conversion(placed, paid);
  const plain = new Intl.NumberFormat(i18n.language, { notation: "compact" });
  const currencies = [...new Set([...revenue, ...refunded].map(({ currency }) => currency))].sort();
  const of = (amounts: Bucket["revenue"], currency: string) => amounts.find((amount) => amount.currency === currency)?.minorUnits ?? 0;
  return (
    <>
      <dl className="tiles">
        {(
          [
            ["revenue", revenue.map(money).join(" · ") || "–"],
            ["refunded", refunded.map(money).join(" · ") || "–"],
            ["placed", plain.format(placed)],
            ["paid", percent === null ? plain.format(paid) : t("overview.converted", { paid: plain.format(paid), percent })],
            ["redeemed", plain.format(redeemed)],
            ["granted", credits(granted)],
          ] as const
        ).map(([name, value]) => (
          <div key={name} className="panel">
            <dt>{t(`overview.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {currencies.map((currency) => (
        <Chart
          key={currency}
          title={t("overview.moneyIn", { currency })}
          series={[
            { key: "revenue", name: t("overview.revenue"), colour: "accent" },
            { key: "refunded", name: t("overview.refunded"), colour: "warn" },
          ]}
          // For the height of bars alone a browser's number is exact enough.
          data={buckets.map((bucket) => ({ at: at(bucket.from), revenue: of(bucket.revenue, currency) / 10 ** decimals(currency), refunded: of(bucket.refunded, currency) / 10 ** decimals(currency) }))}
          rows={buckets.map((bucket) => [at(bucket.from), money({ minorUnits: of(bucket.revenue, currency), currency }), money({ minorUnits: of(bucket.refunded, currency), currency })])}
          format={(value) => new Intl.NumberFormat(i18n.language, { style: "currency", currency, currencyDisplay: "narrowSymbol", notation: "compact" }).format(value)}
        />
      ))}
      <Chart
        title={t("overview.orders")}
        series={[
          { key: "placed", name: t("overview.placed"), colour: "quiet" },
          { key: "paid", name: t("overview.paid"), colour: "good" },
          { key: "redeemed", name: t("overview.redeemed"), colour: "accent" },
        ]}
        data={buckets.map((bucket) => ({ at: at(bucket.from), placed: bucket.ordersPlaced, paid: bucket.ordersPaid, redeemed: bucket.codesRedeemed }))}
        rows={buckets.map((bucket) => [at(bucket.from), bucket.ordersPlaced, bucket.ordersPaid, bucket.codesRedeemed])}
        format={(value) => plain.format(value)}
      />
      <section className="panel" aria-labelledby="plans">
        <h2 id="plans">{t("overview.byPlan")}</h2>
        {byPlan.length === 0 ? (
          <p className="quiet">{t("overview.nothingSold")}</p>
        ) : (
          <Figures title={t("overview.byPlan")} heads={[t("overview.plan"), t("overview.paid"), t("overview.revenue")]} rows={byPlan.map((plan) => [plan.slug, plan.ordersPaid, plan.revenue.map(money).join(" · ")])} />
        )}
      </section>
    </>
  );
}

type Row = readonly (string | number)[];

function Chart({ title, series, data, rows, format }: { title: string; series: readonly Series[]; data: readonly Record<string, string | number>[]; rows: readonly Row[]; format: (value: number) => string }) {
  const { t } = useTranslation("admin");
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <div className="chart" aria-hidden="true">
        <Suspense fallback={null}>
          <Charts data={data} series={series} format={format} />
        </Suspense>
      </div>
      <details>
        <summary>{t("overview.asTable")}</summary>
        <Figures title={title} heads={[t("overview.time"), ...series.map(({ name }) => name)]} rows={rows} />
      </details>
    </section>
  );
}

function Figures({ title, heads, rows }: { title: string; heads: readonly string[]; rows: readonly Row[] }) {
  return (
    <div className="scroll bare" role="group" aria-label={title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head, at) => (
              <th key={head} scope="col" className={at > 0 ? "figure" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest], at) => (
            <tr key={at}>
              <th scope="row">{first}</th>
              {rest.map((value, column) => (
                <td key={column} className="figure">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is owed to accounts. It costs the service something to find out, so that it is asked for when somebody wants to know. */
function Owed() {
  const { t, i18n } = useTranslation("admin");
  const { credits } = useFigures();
  const [open, setOpen] = useState(false);
  const { data, failure, again } = useAsk(OwedDocument, {}, !open);
  const month = new Intl.DateTimeFormat(i18n.language, { year: "numeric", month: "long", timeZone: "UTC" });
  return (
    <details className="panel" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("overview.owed")}</summary>
      {failure && <Failed failure={failure} again={again} />}
      {open && !data && !failure && <Loading lines={3} />}
      {data?.outstanding.length === 0 && <Nothing text={t("overview.nothingOwed")} />}
      {data && data.outstanding.length > 0 && (
        <Figures
          title={t("overview.owed")}
          heads={[t("overview.origin"), t("overview.month"), t("overview.credits"), t("overview.accounts")]}
          rows={data.outstanding.map((sum) => [t(`origin.${sum.origin}`), sum.month ? month.format(new Date(sum.month)) : t("overview.neverLapses"), credits(sum.credits), sum.accounts])}
        />
      )}
    </details>
  );
}
