import type { AnyVariables } from "@urql/core";
import { Button } from "antd";
import { useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Form, type FormTerms } from "./Form";
import type { Problem } from "./problems";
import { useTell } from "./tell";

type ActTerms<Data, Variables extends AnyVariables, Payload extends { errors: readonly Problem[] | null }> = Omit<FormTerms<Data, Variables, Payload>, "submit" | "close" | "done"> & {
  /** The button, and the dialog's heading. */
  name: string;
  /** What the button is called where many of its kind stand below each other. */
  label?: string;
  title?: string;
  /** What stands on the dialog's own button; the name when it is left out. */
  submit?: ReactNode;
  done?: (payload: Payload) => void;
  /** What came of it, when that has to be read before the dialog closes. */
  result?: (payload: Payload) => ReactNode;
  primary?: boolean;
};

/** A button that asks in a dialog before it has anything done: what it will do, and why. */
export function Act<Data, Variables extends AnyVariables, Payload extends { errors: readonly Problem[] | null }>(terms: ActTerms<Data, Variables, Payload>) {
  const { name, label, title, submit, done, result, danger, primary, ...form } = terms;
  const { t } = useTranslation("admin");
  const tell = useTell();
  const [open, setOpen] = useState(false);
  const [payload, setPayload] = useState<Payload>();
  const close = () => {
    setOpen(false);
    if (payload) done?.(payload);
    setPayload(undefined);
  };
  return (
    <>
      <Button danger={danger ?? false} type={primary ? "primary" : "default"} {...(label ? { "aria-label": label } : {})} onClick={() => setOpen(true)}>
        {name}
      </Button>
      {open && (
        <Dialog title={title ?? label ?? name} close={close}>
          {payload && result ? (
            <>
              <div role="status">{result(payload)}</div>
              <div className="actions">
                <Button type="primary" onClick={close}>
                  {t("act.ready")}
                </Button>
              </div>
            </>
          ) : (
            <Form
              {...form}
              danger={danger}
              submit={submit ?? name}
              close={close}
              done={(given) => {
                if (result) return setPayload(given);
                setOpen(false);
                tell(t("act.done", { name: label ?? name }));
                done?.(given);
              }}
            />
          )}
        </Dialog>
      )}
    </>
  );
}

/** The browser's own dialog: it keeps the keyboard inside, closes by Escape and gives the focus back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} className="panel" aria-labelledby={id} onCancel={(event) => (event.preventDefault(), close())}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
