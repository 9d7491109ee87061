import CheckOutlined from "@ant-design/icons/CheckOutlined";
import CopyOutlined from "@ant-design/icons/CopyOutlined";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** A text that can be taken along, such as an order's number. */
export function Copyable({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  return (
    <span className="copyable">
      <code>{text}</code>
      <Button
        type="text"
        size="small"
        icon={copied ? <CheckOutlined /> : <CopyOutlined />}
        aria-label={t("copy.action", { text })}
        onClick={() => {
          // Without the permission the text still stands there to be selected.
          void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => undefined);
        }}
      />
      <span className="unseen" role="status">
        {copied && t("copy.done")}
      </span>
    </span>
  );
}
