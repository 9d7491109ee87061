import SearchOutlined from "@ant-design/icons/SearchOutlined";
import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

/** One box for everything that people name things by. What is looked for does not stand in the address: it may be a code. */
export function SearchBox() {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!text.trim()) return;
    // The keyboard goes on at what is found, also when something else was found before.
    event.currentTarget.closest("main")?.focus({ preventScroll: true });
    void navigate("/admin/search", { state: { text: text.trim() } });
  };
  return (
    <form role="search" className="seek" onSubmit={send}>
      <Input aria-label={t("search.label")} placeholder={t("search.hint")} autoComplete="off" value={text} onChange={({ target }) => setText(target.value)} />
      <Button htmlType="submit" icon={<SearchOutlined />} aria-label={t("search.action")} />
    </form>
  );
}
