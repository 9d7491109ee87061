import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAsk } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { Page } from "../../shell/Page";
import { Failed, Loading, Nothing } from "../../shell/States";
import { Facts } from "../lists/Listing";
import { HowMethodsGoDocument, type HowMethodsGoQuery } from "./methods.generated";

/** How every configured payment method goes. */
export default function MethodHealth() {
  const { t } = useTranslation("admin");
  const { data, failure, again } = useAsk(HowMethodsGoDocument, {});
  return (
    <Page title={t("section.methods")} aside={<Button onClick={again}>{t("lists.refresh")}</Button>}>
      <p className="quiet">{t("methods.says")}</p>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={6} />}
      {data?.methodHealth.length === 0 && <Nothing text={t("methods.none")} />}
      <div className="items two">
        {data?.methodHealth.map((health) => (
          <Method key={health.method.id} health={health} />
        ))}
      </div>
    </Page>
  );
}

function Method({ health }: { health: HowMethodsGoQuery["methodHealth"][number] }) {
  const { t } = useTranslation("admin");
  const { method, lastHour, lastDay } = health;
  const rows = [
    ["placed", lastHour.ordersPlaced, lastDay.ordersPlaced],
    ["paid", lastHour.ordersPaid, lastDay.ordersPaid],
    ["callbacks", lastHour.callbacks, lastDay.callbacks],
    ["rejected", lastHour.rejectedCallbacks, lastDay.rejectedCallbacks],
  ] as const;
  return (
    <section className="panel" aria-labelledby={`method-${method.id}`}>
      <h2 id={`method-${method.id}`}>
        {method.name} <code>{method.id}</code> <span className={`tag ${health.enabled ? "good" : "plain"}`}>{t(health.enabled ? "methods.enabled" : "methods.disabled")}</span>
      </h2>
      <Facts
        of={[
          [t("methods.lastCallback"), health.lastCallbackAt ? <Moment key="last" at={health.lastCallbackAt} /> : t("methods.never")],
          [t("methods.waiting"), health.waitingOrders],
          health.oldestWaitingAt && [t("methods.oldest"), <Moment key="oldest" at={health.oldestWaitingAt} />],
          [t("methods.work"), <Link key="work" to="/admin/work">{health.openWorkItems}</Link>],
        ]}
      />
      <div className="scroll bare" role="group" aria-label={t("methods.countsOf", { name: method.name })} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span className="unseen">{t("methods.what")}</span>
              </th>
              <th scope="col" className="figure">
                {t("methods.hour")}
              </th>
              <th scope="col" className="figure">
                {t("methods.day")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, hour, day]) => (
              <tr key={name}>
                <th scope="row">{t(`methods.row.${name}`)}</th>
                <td className="figure">{hour}</td>
                <td className="figure">{day}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <Link to={`/admin/callbacks?method=${encodeURIComponent(method.id)}`}>{t("methods.toCallbacks")}</Link>
      </p>
    </section>
  );
}
