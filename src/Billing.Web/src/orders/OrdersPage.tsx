import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { usePages } from "../api/hooks";
import { Moment } from "../figures/Moment";
import { useFigures } from "../figures/useFigures";
import type { OrderStatus, RefundStatus } from "../schema.generated";
import { Choice } from "../shell/Choice";
import { Copyable } from "../shell/Copyable";
import { Page } from "../shell/Page";
import { Failed, Loading, Nothing, SignInFirst } from "../shell/States";
import { useMedia } from "../shell/Theme";
import { useSession } from "../shell/session";
import { MyOrdersDocument, type OrderLineFragment } from "./orders.generated";
import { RefundTag, StatusTag } from "./StatusTag";
import "./orders.css";

const statuses: OrderStatus[] = ["AWAITING_PAYMENT", "PROCESSING", "COMPLETED", "EXPIRED", "CANCELLED", "ON_HOLD", "PARTIALLY_REFUNDED", "REFUNDED"];
const refundStatuses: RefundStatus[] = ["REQUESTED", "PROCESSING", "SUCCEEDED", "REJECTED", "WITHDRAWN", "FAILED"];
const wide = matchMedia("(min-width: 56rem)");

/** The signed-in account's orders. What they are filtered by stands in the address. */
export default function OrdersPage() {
  const { t } = useTranslation();
  const { person, ended } = useSession();
  return <Page title={t("orders.title")}>{person || ended ? <Orders /> : <SignInFirst text={t("orders.signIn")} />}</Page>;
}

function Orders() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const isWide = useMedia(wide);
  const status = statuses.find((one) => one === search.get("status"));
  const refund = refundStatuses.find((one) => one === search.get("refund"));
  const where = { ...(status ? { status: [status] } : {}), ...(refund ? { refundStatus: [refund] } : {}) };
  const { nodes, failure, loading, more, again } = usePages(MyOrdersDocument, { first: 20, where }, ({ me }) => me?.orders);
  const filter = (name: string, value: string) =>
    setSearch(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  return (
    <>
      <div className="filters">
        <Choice label={t("orders.filter")} value={status ?? ""} choose={(chosen) => filter("status", chosen)}>
          <option value="">{t("orders.any")}</option>
          {statuses.map((one) => (
            <option key={one} value={one}>
              {t(`status.${one}`)}
            </option>
          ))}
        </Choice>
        <Choice label={t("orders.refundFilter")} value={refund ?? ""} choose={(chosen) => filter("refund", chosen)}>
          <option value="">{t("orders.anyRefund")}</option>
          {refundStatuses.map((one) => (
            <option key={one} value={one}>
              {t(`refundStatus.${one}`)}
            </option>
          ))}
        </Choice>
      </div>
      {!nodes && !failure && <Loading lines={8} />}
      {nodes?.length === 0 && (
        <Nothing text={t(status || refund ? "orders.noneSuch" : "orders.none")}>
          <Link to="/purchase">{t("orders.shop")}</Link>
        </Nothing>
      )}
      {nodes && nodes.length > 0 && (isWide ? <Table orders={nodes} /> : <Cards orders={nodes} />)}
      {failure && <Failed failure={failure} again={again} />}
      {more && nodes && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}

function Table({ orders }: { orders: OrderLineFragment[] }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  return (
    <div className="panel scroll" role="region" aria-label={t("orders.title")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {(["number", "placed", "plan", "amount", "payment", "result", "refund", "details"] as const).map((column) => (
              <th key={column} scope="col">
                {column === "details" ? <span className="unseen">{t("orders.details")}</span> : t(`orders.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              <td>
                <Copyable text={order.number} />
              </td>
              <td>
                <Moment at={order.createdAt} />
              </td>
              <td>{order.plan.name}</td>
              <td className="figure">{money(order.amount)}</td>
              <td>{t(`paymentStatus.${order.paymentStatus}`)}</td>
              <td>
                <StatusTag status={order.status} />
              </td>
              <td>{order.refundStatus === "NONE" ? "–" : <RefundTag status={order.refundStatus} />}</td>
              <td>
                <Link to={`/orders/${order.number}`} aria-label={t("orders.detailsOf", { number: order.number })}>
                  {t("orders.details")}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards({ orders }: { orders: OrderLineFragment[] }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  return (
    <ul className="cards">
      {orders.map((order) => (
        <li key={order.id} className="panel">
          <p className="name">
            <strong>{order.plan.name}</strong> <strong className="figure">{money(order.amount)}</strong>
          </p>
          <p className="name">
            <StatusTag status={order.status} />
            <span className="quiet">{t(`paymentStatus.${order.paymentStatus}`)}</span>
            {order.refundStatus !== "NONE" && <RefundTag status={order.refundStatus} />}
          </p>
          <p className="quiet small">{order.result.message}</p>
          <p className="name small">
            <Copyable text={order.number} />
            <span className="quiet">
              <Moment at={order.createdAt} />
            </span>
          </p>
          <Link className="more" to={`/orders/${order.number}`} aria-label={t("orders.detailsOf", { number: order.number })}>
            {t(order.result.nextStep === "PAY" ? "purchase.openPay" : "orders.details")}
          </Link>
        </li>
      ))}
    </ul>
  );
}
