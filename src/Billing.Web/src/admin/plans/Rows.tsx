import { Button } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { GrantLineFragment } from "../../grants/grants.generated";
import { Choice, Entry } from "../acts/Form";

/** Rows of a form that can be added and taken out. Each has a number that no other ever has. */
export function Rows({ name, first, add, remove, children }: { name: string; first: number; add: string; remove: string; children: (row: number) => ReactNode }) {
  const next = useRef(first);
  const list = useRef<HTMLDivElement>(null);
  const [rows, setRows] = useState(() => Array.from({ length: first }, (_, row) => row));
  const change = (change: (before: number[]) => number[]) => {
    setRows(change);
    // The form tells what it comes to whenever it is written into, and this is no writing.
    queueMicrotask(() => requestAnimationFrame(() => list.current?.dispatchEvent(new Event("input", { bubbles: true }))));
  };
  return (
    <div className="several" ref={list}>
      {rows.map((row) => (
        <div key={row} className="one">
          <input type="hidden" name={`${name}.row`} value={row} />
          <div className="pairs">{children(row)}</div>
          <Button onClick={() => change((before) => before.filter((other) => other !== row))}>{remove}</Button>
        </div>
      ))}
      <Button onClick={() => change((before) => [...before, next.current++])}>{add}</Button>
    </div>
  );
}

/** What is granted, row by row. */
export function GrantRows({ grants }: { grants: readonly GrantLineFragment[] }) {
  const { t } = useTranslation("admin");
  return (
    <Rows name="grants" first={grants.length} add={t("grants.add")} remove={t("grants.remove")}>
      {(row) => <GrantRow row={row} grant={grants[row]} />}
    </Rows>
  );
}

function GrantRow({ row, grant }: { row: number; grant: GrantLineFragment | undefined }) {
  const { t } = useTranslation("admin");
  const [kind, setKind] = useState(grant?.__typename === "SubscriptionGrant" ? "subscription" : "credits");
  const of = (field: string) => `grants.${row}.${field}`;
  return (
    <>
      {/* The change bubbles from the field inside. */}
      <div onChange={({ target }) => target instanceof HTMLSelectElement && setKind(target.value)}>
        <Choice name={of("kind")} label={t("grants.kind")} value={kind} options={[["credits", t("grants.credits")], ["subscription", t("grants.subscription")]]} />
      </div>
      {kind === "credits" ? (
        <>
          <Entry name={of("credits")} kind="decimal" label={t("grants.credits")} value={grant?.__typename === "CreditGrant" ? grant.credits : ""} />
          <Entry name={of("validDays")} kind="whole" label={t("grants.validDays")} value={grant?.__typename === "CreditGrant" ? grant.validDays : null} />
        </>
      ) : (
        <>
          <Entry name={of("tier")} kind="code" label={t("grants.tier")} value={grant?.__typename === "SubscriptionGrant" ? grant.tier : ""} />
          <Entry name={of("days")} kind="whole" label={t("grants.days")} value={grant?.__typename === "SubscriptionGrant" ? grant.days : null} />
        </>
      )}
    </>
  );
}
