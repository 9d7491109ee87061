import CheckCircleFilled from "@ant-design/icons/CheckCircleFilled";
import ClockCircleFilled from "@ant-design/icons/ClockCircleFilled";
import CloseCircleFilled from "@ant-design/icons/CloseCircleFilled";
import ExclamationCircleFilled from "@ant-design/icons/ExclamationCircleFilled";
import RollbackOutlined from "@ant-design/icons/RollbackOutlined";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { OrderResultCode } from "../schema.generated";
import { useFigures } from "../figures/useFigures";
import { Support } from "./Support";
import type { Order } from "./useOrder";

const looks: Record<OrderResultCode, { tone: string; Icon: typeof CheckCircleFilled }> = {
  WAITING_FOR_PAYMENT: { tone: "waiting", Icon: ClockCircleFilled },
  CONFIRMING: { tone: "waiting", Icon: ClockCircleFilled },
  CREDITED: { tone: "credited", Icon: CheckCircleFilled },
  EXPIRED_UNPAID: { tone: "ended", Icon: CloseCircleFilled },
  CANCELLED: { tone: "ended", Icon: CloseCircleFilled },
  DISPUTED: { tone: "review", Icon: ExclamationCircleFilled },
  UNDER_REVIEW: { tone: "review", Icon: ExclamationCircleFilled },
  REFUND_IN_PROGRESS: { tone: "review", Icon: RollbackOutlined },
  REFUNDED: { tone: "ended", Icon: RollbackOutlined },
};

/** How it stands, in one sentence, and one next step. The sentence alone is read aloud when it changes. */
export function Outcome({ order }: { order: Order }) {
  const { t } = useTranslation();
  const { money } = useFigures();
  const { code, message, nextStep } = order.result;
  const { tone, Icon } = looks[code];
  return (
    <section className={`panel outcome ${tone}`} data-result={code}>
      <Icon className="sign" aria-hidden />
      <p className="about">
        {order.plan.name} · {money(order.amount)}
      </p>
      <p className="sentence" role="status">
        {message}
      </p>
      {nextStep === "PAY" && <p className="quiet">{t("order.waiting")}</p>}
      {nextStep === "WAIT" && <p className="quiet">{t("order.confirming")}</p>}
      {nextStep === "BUY_AGAIN" && (
        <Link className="go" to={`/purchase?plan=${encodeURIComponent(order.plan.slug)}`}>
          {t("order.buyAgain")}
        </Link>
      )}
      {nextStep === "CONTACT_SUPPORT" && <Support number={order.number} />}
      {code === "CREDITED" && (
        <Link className="go" to="/account">
          {t("order.toAccount")}
        </Link>
      )}
      {code === "REFUNDED" && <Link to="/purchase">{t("order.more")}</Link>}
    </section>
  );
}
