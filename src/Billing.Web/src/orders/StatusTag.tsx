import { useTranslation } from "react-i18next";
import type { OrderStatus, RefundStatus } from "../schema.generated";

const tones: Record<OrderStatus, string> = {
  AWAITING_PAYMENT: "warn",
  PROCESSING: "accent",
  COMPLETED: "good",
  EXPIRED: "plain",
  CANCELLED: "plain",
  ON_HOLD: "warn",
  PARTIALLY_REFUNDED: "accent",
  REFUNDED: "plain",
};

/** An order's one word. */
export function StatusTag({ status }: { status: OrderStatus }) {
  const { t } = useTranslation();
  return <span className={`tag ${tones[status]}`}>{t(`status.${status}`)}</span>;
}

export function RefundTag({ status }: { status: RefundStatus }) {
  const { t } = useTranslation();
  const tone = { SUCCEEDED: "good", REQUESTED: "warn", PROCESSING: "accent", FAILED: "warn", DISPUTED: "warn" }[status as string] ?? "plain";
  return <span className={`tag ${tone}`}>{t(`refundStatus.${status}`)}</span>;
}
