import { useEffect, type ReactNode } from "react";
import { settings } from "./settings";

/** A page's heading and content; its title is the document's too. */
export function Page({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · ${settings.brand.name}`;
  }, [title]);
  return (
    <>
      <div className="heading">
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </>
  );
}
