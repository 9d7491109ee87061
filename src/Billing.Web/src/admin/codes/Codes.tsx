import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate } from "react-router";
import { usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { Grants } from "../../grants/Grants";
import { Page } from "../../shell/Page";
import { TypedFilters, useFilters } from "../lists/Filters";
import { Listing } from "../lists/Listing";
import { Issue } from "./Issue";
import { OneBatch } from "./OneBatch";
import { OneCode } from "./OneCode";
import { BatchTag } from "./tags";
import { BatchesDocument } from "./codes.generated";

/** Batches of codes, a new one, one of them, and a code by itself. */
export default function Codes() {
  return (
    <Routes>
      <Route path="/" element={<Every />} />
      <Route path="new" element={<Issue />} />
      <Route path="one" element={<OneCode />} />
      <Route path=":id" element={<OneBatch />} />
    </Routes>
  );
}

function Every() {
  const { t } = useTranslation("admin");
  const filters = useFilters();
  const pages = usePages(BatchesDocument, { first: 20, search: filters.get("name") || null }, ({ codeBatches }) => codeBatches);
  return (
    <Page
      title={t("section.codes")}
      aside={
        <Link className="go" to="/admin/codes/new">
          {t("codes.issue")}
        </Link>
      }
    >
      <LookUp />
      <TypedFilters filters={filters} fields={[{ name: "name", label: t("codes.find") }]} />
      <Listing
        title={t("section.codes")}
        none={t("codes.none")}
        pages={pages}
        columns={[
          { name: t("codes.name"), of: ({ id, name }) => <Link to={`/admin/codes/${encodeURIComponent(id)}`}>{name}</Link> },
          { name: t("codes.status"), of: (batch) => <BatchTag status={batch.status} /> },
          { name: t("codes.grants"), of: ({ grants }) => <Grants grants={grants} /> },
          { name: t("codes.count"), of: ({ count }) => count, figure: true },
          { name: t("codes.redeemed"), of: ({ redeemed }) => redeemed, figure: true },
          { name: t("codes.disabled"), of: ({ disabled }) => disabled, figure: true },
          { name: t("codes.created"), of: ({ createdAt }) => <Moment at={createdAt} /> },
        ]}
      />
    </Page>
  );
}

/** One code, as somebody typed it. It never stands in an address. */
function LookUp() {
  const { t } = useTranslation("admin");
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim()) void navigate("/admin/codes/one", { state: { code: code.trim() } });
  };
  return (
    <form className="filters" onSubmit={send}>
      <label htmlFor="code">
        <span>{t("codes.lookUp")}</span>
        <Input id="code" autoComplete="off" spellCheck={false} value={code} onChange={({ target }) => setCode(target.value)} />
      </label>
      <Button htmlType="submit">{t("codes.look")}</Button>
    </form>
  );
}
