import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Failure } from "../../api/failure";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import type { CallbackOutcome } from "../../schema.generated";
import { Failed, Loading } from "../../shell/States";
import { Act } from "../acts/Act";
import { OrderLink } from "../links";
import { Facts } from "../lists/Listing";
import { ReplayCallbackDocument, type CallbackLineFragment } from "./callbacks.generated";

const tones: Record<CallbackOutcome, string> = { STORED: "good", KNOWN: "plain", IGNORED: "plain", REJECTED: "warn", STRANGER: "warn", TRY_AGAIN: "warn" };

interface Pages {
  nodes: readonly CallbackLineFragment[] | undefined;
  failure: Failure | undefined;
  loading: boolean;
  more: (() => void) | undefined;
  again: () => void;
}

/** What providers called with. Each opens to its masked content. */
export function CallbackList({ pages: { nodes, failure, loading, more, again }, done }: { pages: Pages; done: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      {!nodes && !failure && <Loading lines={4} />}
      {nodes?.map((callback) => (
        <CallbackCard key={callback.id} callback={callback} done={done} />
      ))}
      {failure && <Failed failure={failure} again={again} />}
      {more && nodes && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}

function CallbackCard({ callback, done }: { callback: CallbackLineFragment; done: () => void }) {
  const { t } = useTranslation("admin");
  const { money, moment } = useFigures();
  const { order, outcome, state } = callback;
  // Only what was believed, says something of a payment or refund and came from the provider is worth handing on again.
  const replayable = outcome !== "REJECTED" && state !== null && !callback.replayedBy;
  return (
    <article className="item callback" data-outcome={outcome}>
      <p className="name">
        <span className={`tag ${tones[outcome]}`}>{t(`outcome.${outcome}`)}</span>
        {state && <strong>{t(`callbackState.${state}`)}</strong>}
        {callback.amount && <span className="figure">{money(callback.amount)}</span>}
        {order && <OrderLink number={order.number} />}
      </p>
      <p className="quiet small">
        <Moment at={callback.receivedAt} /> · {callback.methodId}
        {callback.rejection && ` · ${callback.rejection}`}
        {callback.replayedBy && ` · ${t("callbacks.replayedBy", { who: callback.replayedBy })}`}
        {callback.note && ` · ${callback.note}`}
      </p>
      <details>
        <summary>{t("callbacks.content")}</summary>
        <Facts
          of={[
            callback.paymentNumber && [t("callbacks.payment"), <code key="payment">{callback.paymentNumber}</code>],
            callback.refundNumber && [t("callbacks.refund"), <code key="refund">{callback.refundNumber}</code>],
            callback.transactionId && [t("callbacks.transaction"), <code key="transaction">{callback.transactionId}</code>],
            callback.queryString && [t("callbacks.query"), <code key="query">{callback.queryString}</code>],
            ...callback.headers.map(({ name, value }) => [name, <code key={name}>{value ?? t("callbacks.notKept")}</code>] as const),
          ]}
        />
        {/* A long line scrolls, also by the keyboard. */}
        <pre tabIndex={0} role="group" aria-label={t("callbacks.body")}>
          {callback.body ?? t("callbacks.noBody")}
        </pre>
      </details>
      {callback.replays.map((replay) => (
        <p key={replay.id} className="quiet small">
          {t("callbacks.replayedBy", { who: replay.replayedBy ?? "" })} · <Moment at={replay.receivedAt} /> · {t(`outcome.${replay.outcome}`)} {replay.note && `· ${replay.note}`}
        </p>
      ))}
      {replayable && (
        <Act
          name={t("callbacks.replay")}
          label={t("callbacks.replayOne", { at: moment(callback.receivedAt) })}
          note="needed"
          mutation={ReplayCallbackDocument}
          pick={({ replayCallback }) => replayCallback}
          input={(form) => ({ input: { callbackId: callback.id, note: form.written("note") } })}
          says={t("callbacks.replays")}
          result={({ outcome: became }) => (became ? t("callbacks.became", { outcome: t(`outcome.${became}`) }) : "")}
          done={done}
        />
      )}
    </article>
  );
}
