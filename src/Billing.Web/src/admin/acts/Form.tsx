import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { Button, Input } from "antd";
import { createContext, useContext, useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Trouble } from "../../shell/States";
import { Field } from "../../shell/Field";
import { placeOf, type Problem } from "./problems";
import { Reading } from "./reading";
import { useAct } from "./useAct";

const Wrong = createContext<(name: string) => ReactNode>(() => undefined);

export interface FormTerms<Data, Variables extends AnyVariables, Payload extends { errors: readonly Problem[] | null }> {
  mutation: TypedDocumentNode<Data, Variables>;
  pick: (data: Data) => Payload;
  /** Reads the form; the key is for one wish. */
  input: (form: Reading, key: string) => Variables;
  /** It was done. */
  done: (payload: Payload) => void;
  /** What it is about to do, told anew as the form changes. */
  says?: ReactNode | ((form: Reading) => ReactNode);
  submit: ReactNode;
  danger?: boolean | undefined;
  /** What administrators are asked for why they do it. */
  note?: "needed" | "optional" | undefined;
  children?: ReactNode;
  close?: (() => void) | undefined;
}

/** A form that has one thing done. What is wrong stands beside its field, whether the page or the service says so. */
export function Form<Data, Variables extends AnyVariables, Payload extends { errors: readonly Problem[] | null }>(terms: FormTerms<Data, Variables, Payload>) {
  const { mutation, pick, input, done, says, submit, danger, note, children, close } = terms;
  const { t } = useTranslation("admin");
  const { busy, failure, problems, go } = useAct(mutation, pick);
  const [complaints, setComplaints] = useState<Reading["complaints"]>({});
  const [now, setNow] = useState<FormData>();
  const form = useRef<HTMLFormElement>(null);

  const has = (name: string) => Boolean(form.current?.querySelector(`[name="${CSS.escape(name)}"], [data-field="${CSS.escape(name)}"]`));
  const wrong = (name: string): ReactNode => {
    if (complaints[name]) return t(`wrong.${complaints[name]}`);
    const found = problems.filter((problem) => placeOf(problem, has) === name);
    return found.length > 0 ? found.map(({ message }) => message).join(" ") : undefined;
  };
  const rest = problems.filter((problem) => placeOf(problem, has) === undefined);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const reading = new Reading(data);
    if (note === "needed") reading.text("note");
    input(reading, "");
    setComplaints(reading.complaints);
    const first = Object.keys(reading.complaints)[0];
    if (first !== undefined) {
      form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
      return;
    }
    void go((key) => input(new Reading(data), key)).then((payload) => payload && done(payload));
  };

  return (
    <form className="act" ref={form} onSubmit={send} onInput={() => typeof says === "function" && setNow(new FormData(form.current!))} noValidate>
      <Wrong value={wrong}>
        {children}
        {says && <div className="says">{typeof says === "function" ? <Says of={says} form={now} whole={form} /> : says}</div>}
        {note && <Entry name="note" kind="area" label={t(note === "needed" ? "act.note" : "act.noteOptional")} />}
      </Wrong>
      {failure && <Failed failure={failure} />}
      {rest.map(({ __typename, message }) => (
        <Trouble key={__typename} text={message} />
      ))}
      <div className="actions">
        <Button type="primary" danger={danger ?? false} htmlType="submit" loading={busy}>
          {submit}
        </Button>
        {close && <Button onClick={close}>{t("act.close")}</Button>}
      </div>
    </form>
  );
}

// Before anything is typed, the form says what stands in it from the beginning: that is known once it is drawn.
function Says({ of, form, whole }: { of: (form: Reading) => ReactNode; form: FormData | undefined; whole: { current: HTMLFormElement | null } }) {
  const [begun, setBegun] = useState<FormData>();
  useEffect(() => setBegun(new FormData(whole.current!)), [whole]);
  const known = form ?? begun;
  return <div>{known && of(new Reading(known))}</div>;
}

type Kind = "text" | "area" | "code" | "decimal" | "whole" | "moment" | "day" | "url";

interface EntryTerms {
  name: string;
  label: ReactNode;
  kind?: Kind;
  hint?: ReactNode;
  value?: string | number | null | undefined;
  rows?: number;
}

/** A field of a form. */
export function Entry({ name, label, kind = "text", hint, value, rows = 2 }: EntryTerms) {
  const wrong = useContext(Wrong);
  return (
    <Field label={label} hint={hint} error={wrong(name)}>
      {(wiring) =>
        kind === "area" ? (
          <Input.TextArea {...wiring} name={name} rows={rows} defaultValue={value ?? ""} />
        ) : (
          <Input
            {...wiring}
            name={name}
            defaultValue={value ?? ""}
            autoComplete="off"
            spellCheck={kind === "text"}
            type={kind === "moment" ? "datetime-local" : kind === "day" ? "date" : kind === "url" ? "url" : "text"}
            {...(kind === "decimal" ? { inputMode: "decimal" as const } : kind === "whole" ? { inputMode: "numeric" as const } : {})}
          />
        )
      }
    </Field>
  );
}

/** One of some. */
export function Choice({ name, label, options, value, hint }: { name: string; label: ReactNode; options: readonly (readonly [string, string])[]; value?: string; hint?: ReactNode }) {
  const wrong = useContext(Wrong);
  return (
    <Field label={label} hint={hint} error={wrong(name)}>
      {(wiring) => (
        <select {...wiring} name={name} defaultValue={value}>
          {options.map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Whether. */
export function Tick({ name, label, checked, value }: { name: string; label: ReactNode; checked?: boolean; value?: string }) {
  return (
    <label className="tick">
      <input type="checkbox" name={name} defaultChecked={checked} value={value ?? "on"} />
      <span>{label}</span>
    </label>
  );
}

/** Fields that belong together, and what is wrong with them as a whole. */
export function Group({ name, label, children }: { name?: string; label: ReactNode; children: ReactNode }) {
  const wrong = useContext(Wrong);
  return (
    <fieldset className="group" data-field={name}>
      <legend>{label}</legend>
      {children}
      {name && (
        <p className="wrong" role="alert">
          {wrong(name)}
        </p>
      )}
    </fieldset>
  );
}
