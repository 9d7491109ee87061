import { toMinorUnits } from "../../figures/figures";

/** What is wrong with what was written into a field; a text's key. */
export type Complaint = "needed" | "whole" | "amount" | "decimal" | "moment";

/** Reads what somebody wrote into a form. What cannot be read is complained about by the field's name, and the form is not sent. */
export class Reading {
  readonly complaints: Record<string, Complaint> = {};

  constructor(private readonly form: FormData) {}

  /** What is written there, without what surrounds it; empty when nothing is. */
  written(name: string): string {
    const value = this.form.get(name);
    return typeof value === "string" ? value.trim() : "";
  }

  /** A text that is needed. */
  text(name: string): string {
    const text = this.written(name);
    if (text === "") this.complain(name, "needed");
    return text;
  }

  /** A text that may be left out. */
  optional(name: string): string | null {
    return this.written(name) || null;
  }

  checked(name: string): boolean {
    return this.form.get(name) !== null;
  }

  /** All that are ticked under one name. */
  all(name: string): string[] {
    return this.form.getAll(name).filter((value) => typeof value === "string");
  }

  /** An amount that is needed. */
  money(name: string, currency: string): { minorUnits: number; currency: string } {
    const minorUnits = toMinorUnits(this.text(name), currency);
    if (minorUnits === null) this.complain(name, "amount");
    return { minorUnits: minorUnits ?? 0, currency };
  }

  optionalMoney(name: string, currency: string): { minorUnits: number; currency: string } | null {
    return this.written(name) ? this.money(name, currency) : null;
  }

  /** A whole number that is needed. */
  whole(name: string): number {
    const text = this.text(name);
    // Within what the API's Int holds.
    if (text && !(/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31)) this.complain(name, "whole");
    return Number(text);
  }

  optionalWhole(name: string): number | null {
    return this.written(name) ? this.whole(name) : null;
  }

  /** A decimal in text that is needed; with a sign when that is possible. */
  decimal(name: string, signed = false): string {
    const text = this.text(name).replace(/^\+/, "");
    if (text && !(signed ? /^-?\d+(\.\d{1,6})?$/ : /^\d+(\.\d{1,6})?$/).test(text)) this.complain(name, "decimal");
    return text;
  }

  optionalDecimal(name: string): string | null {
    return this.written(name) ? this.decimal(name) : null;
  }

  /** A moment of the reader's own clock, as the API writes it. */
  moment(name: string): string | null {
    const text = this.written(name);
    if (!text) return null;
    const at = new Date(text);
    if (Number.isNaN(at.getTime())) {
      this.complain(name, "moment");
      return null;
    }
    return at.toISOString();
  }

  complain(name: string, complaint: Complaint): void {
    this.complaints[name] ??= complaint;
  }
}

/** A moment as a field for moments takes it, by the reader's own clock. */
export function inField(at: string | null | undefined): string {
  if (!at) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
