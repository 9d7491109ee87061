import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Failure } from "../api/failure";
import { canSignIn, signIn } from "./session";

/** What stands in the place of what is being loaded. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div className="panel" aria-busy="true">
      <span className="unseen" role="status">
        {t("states.loading")}
      </span>
      <Skeleton active title={false} paragraph={{ rows: lines }} />
    </div>
  );
}

/** Something went wrong, and what to do about it. Read aloud at once. */
export function Trouble({ text, action, onAction, busy = false }: { text: ReactNode; action?: string; onAction?: () => void; busy?: boolean }) {
  return (
    <div className="note alert" role="alert">
      <span>{text}</span>
      {action && onAction && (
        <Button onClick={onAction} loading={busy}>
          {action}
        </Button>
      )}
    </div>
  );
}

/** What to say of a failure, and how to go on. */
export function Failed({ failure, again }: { failure: Failure; again?: (() => void) | undefined }) {
  const { t } = useTranslation();
  if (failure.kind === "signedOut") return <Trouble text={t("signIn.ended")} action={t("signIn.again")} onAction={() => void signIn()} />;
  const text = failure.kind === "refused" ? failure.message : t(`failure.${failure.kind}`);
  return again ? <Trouble text={text} action={t("failure.retry")} onAction={again} /> : <Trouble text={text} />;
}

/** There is nothing, and where there would be something. */
export function Nothing({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="panel nothing">
      <p>{text}</p>
      {children}
    </div>
  );
}

/** For pages that are somebody's. */
export function SignInFirst({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className="panel nothing">
      <p>{canSignIn ? text : t("signIn.none")}</p>
      {canSignIn && (
        <Button type="primary" onClick={() => void signIn()}>
          {t("signIn.action")}
        </Button>
      )}
    </div>
  );
}
