import { useTranslation } from "react-i18next";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import type { WorkItemResolution } from "../../schema.generated";
import { Act } from "../acts/Act";
import { OrderLink } from "../links";
import { ResolveWorkItemDocument, type WorkLineFragment } from "./work.generated";

// What sends money away, or does nothing about it.
const grave: WorkItemResolution[] = ["REFUND", "DISMISS"];

/** A work item: what happened, and how it can be decided. */
export function WorkCard({ item, done, here = false }: { item: WorkLineFragment; done: () => void; here?: boolean }) {
  const { t } = useTranslation("admin");
  const { money } = useFigures();
  const about = item.order ? `${item.order.number} · ${money(item.order.amount)}` : t("work.noOrder");
  return (
    <article className="item" aria-label={`${t(`workKind.${item.kind}`)}, ${about}`}>
      <p className="name">
        <strong>{t(`workKind.${item.kind}`)}</strong> <span className={`tag ${item.resolvedAt ? "plain" : "warn"}`}>{t(item.resolvedAt ? "work.resolved" : "work.open")}</span>{" "}
        {!here && item.order && <OrderLink number={item.order.number} />}
      </p>
      <p>{item.detail}</p>
      <p className="quiet small">
        {t("work.since")} <Moment at={item.openedAt} />
      </p>
      {item.resolvedAt && (
        <p className="quiet small">
          {item.resolution ? t("work.decided", { what: t(`resolution.${item.resolution}`), who: item.resolvedBy ?? "" }) : t("work.ended")} · <Moment at={item.resolvedAt} />
          {item.note && ` · ${item.note}`}
        </p>
      )}
      {!item.resolvedAt && item.possibleResolutions.length === 0 && <p className="quiet">{t("work.settling")}</p>}
      {item.possibleResolutions.length > 0 && (
        <div className="actions">
          {item.possibleResolutions.map((resolution) => (
            <Act
              key={resolution}
              name={t(`resolution.${resolution}`)}
              title={`${t(`resolution.${resolution}`)}: ${about}`}
              danger={grave.includes(resolution)}
              note="needed"
              mutation={ResolveWorkItemDocument}
              pick={({ resolveWorkItem }) => resolveWorkItem}
              input={(form) => ({ input: { workItemId: item.id, resolution, note: form.written("note") } })}
              says={
                <>
                  <p>{item.detail}</p>
                  <p>{t(`resolutionSays.${resolution}`)}</p>
                </>
              }
              done={done}
            />
          ))}
        </div>
      )}
    </article>
  );
}
