import "i18next";
import type admin from "../admin/texts/en";
import type shell from "./texts/en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    resources: { shell: typeof shell; admin: typeof admin };
  }
}
