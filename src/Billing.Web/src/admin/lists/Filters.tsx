import { Button, Input } from "antd";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choice } from "../../shell/Choice";

/** What a list is filtered by stands in the address: it can be kept, sent and gone back to. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  return {
    get: (name: string) => search.get(name) ?? "",
    /** One of some; what is none of them does not count. */
    one: <Value extends string>(name: string, of: readonly Value[]): Value | undefined => of.find((value) => value === search.get(name)),
    set: (values: Record<string, string>) =>
      setSearch(
        (before) => {
          for (const [name, value] of Object.entries(values)) {
            if (value) before.set(name, value);
            else before.delete(name);
          }
          return before;
        },
        { replace: true },
      ),
  };
}

type Filters = ReturnType<typeof useFilters>;

/** Shows what is in one state, or all. */
export function FilterBy({ filters, name, label, any, options }: { filters: Filters; name: string; label: string; any: string; options: readonly (readonly [string, string])[] }) {
  return (
    <Choice label={label} value={filters.get(name)} choose={(value) => filters.set({ [name]: value })}>
      <option value="">{any}</option>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </Choice>
  );
}

/** Filters that are typed, and count when they are sent. */
export function TypedFilters({ filters, fields, children }: { filters: Filters; fields: readonly { name: string; label: string; type?: string }[]; children?: ReactNode }) {
  const { t } = useTranslation("admin");
  const id = useId();
  // A change of the address from elsewhere shows in the fields.
  const present = fields.map(({ name }) => filters.get(name)).join("\n");
  const [seen, setSeen] = useState(present);
  if (seen !== present) setSeen(present);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    filters.set(Object.fromEntries(fields.map(({ name }) => [name, String(form.get(name) ?? "").trim()])));
  };
  return (
    <form key={seen} className="filters" onSubmit={send}>
      {fields.map(({ name, label, type = "text" }) => (
        <label key={name} htmlFor={id + name}>
          <span>{label}</span>
          <Input id={id + name} name={name} type={type} autoComplete="off" defaultValue={filters.get(name)} />
        </label>
      ))}
      {children}
      <Button htmlType="submit">{t("lists.apply")}</Button>
    </form>
  );
}
