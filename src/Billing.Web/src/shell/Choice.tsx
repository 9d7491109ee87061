import { useId, type ReactNode } from "react";

/** A choice of a few, as the browser draws it. */
export function Choice({ label, value, choose, children }: { label: string; value: string; choose: (value: string) => void; children: ReactNode }) {
  const id = useId();
  return (
    <span className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => choose(target.value)}>
        {children}
      </select>
    </span>
  );
}
