import { useTranslation } from "react-i18next";
import type { CodeBatchStatus, CodeStatus } from "../../schema.generated";

const batches: Record<CodeBatchStatus, string> = { ISSUED: "good", ISSUING: "accent", DISABLING: "warn", DISABLED: "plain" };
const codes: Record<CodeStatus, string> = { ACTIVE: "good", REDEEMED: "accent", EXPIRED: "plain", DISABLED: "plain" };

export function BatchTag({ status }: { status: CodeBatchStatus }) {
  const { t } = useTranslation("admin");
  return <span className={`tag ${batches[status]}`}>{t(`batchStatus.${status}`)}</span>;
}

export function CodeTag({ status }: { status: CodeStatus }) {
  const { t } = useTranslation("admin");
  return <span className={`tag ${codes[status]}`}>{t(`codeStatus.${status}`)}</span>;
}
