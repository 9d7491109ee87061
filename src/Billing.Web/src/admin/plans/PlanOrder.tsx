import HolderOutlined from "@ant-design/icons/HolderOutlined";
import { DndContext, KeyboardSensor, PointerSensor, closestCenter, useSensor, useSensors, type DragEndEvent, type UniqueIdentifier } from "@dnd-kit/core";
import { SortableContext, arrayMove, sortableKeyboardCoordinates, useSortable, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { act, Failed as Unanswered } from "../../api/client";
import type { Failure } from "../../api/failure";
import { useFigures } from "../../figures/useFigures";
import { Failed, Trouble } from "../../shell/States";
import { useTell } from "../acts/tell";
import { changedPlaces } from "./order";
import { UpdatePlanDocument, type EveryPlanQuery } from "./plans.generated";

type Plan = EveryPlanQuery["plans"][number];

/** The plans in the order of the shop. A handle takes one elsewhere, by pointer or by the keyboard; nothing changes before it is saved. */
export function PlanOrder({ plans, done }: { plans: readonly Plan[]; done: () => void }) {
  const { t } = useTranslation("admin");
  const tell = useTell();
  const [order, setOrder] = useState(plans);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [refused, setRefused] = useState("");
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }), useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }));
  const moved = order.some((plan, at) => plan !== plans[at]);
  const nameOf = (slug: UniqueIdentifier) => order.find((plan) => plan.slug === slug)?.name ?? "";
  const place = (slug: UniqueIdentifier | undefined) => order.findIndex((plan) => plan.slug === slug) + 1;
  const drop = ({ active, over }: DragEndEvent) => {
    if (over && over.id !== active.id) setOrder((before) => arrayMove([...before], before.findIndex(({ slug }) => slug === active.id), before.findIndex(({ slug }) => slug === over.id)));
  };
  const save = async () => {
    setBusy(true);
    setFailure(undefined);
    setRefused("");
    try {
      // One after the other: the same again after a failure ends in the same order.
      for (const { slug, sortOrder } of changedPlaces(order)) {
        const { updatePlan } = await act(UpdatePlanDocument, { input: { slug, plan: { sortOrder }, note: t("plans.orderNote") } });
        if (updatePlan.errors?.[0]) return setRefused(updatePlan.errors[0].message);
      }
      tell(t("plans.orderSaved"));
      done();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      setFailure(error.failure);
    } finally {
      setBusy(false);
    }
  };
  const told = { name: "", at: 0, count: order.length };
  return (
    <>
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={drop}
        accessibility={{
          screenReaderInstructions: { draggable: t("plans.dragHow") },
          announcements: {
            onDragStart: ({ active }) => t("plans.dragTaken", { ...told, name: nameOf(active.id), at: place(active.id) }),
            onDragOver: ({ active, over }) => t("plans.dragOver", { ...told, name: nameOf(active.id), at: place(over?.id) }),
            onDragEnd: ({ active, over }) => t("plans.dragPut", { ...told, name: nameOf(active.id), at: place(over?.id) }),
            onDragCancel: ({ active }) => t("plans.dragLeft", { name: nameOf(active.id) }),
          },
        }}
      >
        <SortableContext items={order.map(({ slug }) => slug)} strategy={verticalListSortingStrategy}>
          <ol className="items sortable">
            {order.map((plan) => (
              <Row key={plan.slug} plan={plan} />
            ))}
          </ol>
        </SortableContext>
      </DndContext>
      {moved && (
        <div className="note" role="status">
          <span>{t("plans.moved")}</span>
          <span className="actions">
            <Button type="primary" loading={busy} onClick={() => void save()}>
              {t("plans.saveOrder")}
            </Button>
            <Button onClick={() => setOrder(plans)}>{t("plans.undoOrder")}</Button>
          </span>
        </div>
      )}
      {failure && <Failed failure={failure} />}
      {refused && <Trouble text={refused} />}
    </>
  );
}

function Row({ plan }: { plan: Plan }) {
  const { t } = useTranslation("admin");
  const { money } = useFigures();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition } = useSortable({ id: plan.slug });
  return (
    <li ref={setNodeRef} className="panel" style={{ transform: CSS.Translate.toString(transform), transition }}>
      <button type="button" className="handle" ref={setActivatorNodeRef} {...attributes} {...listeners} aria-label={t("plans.move", { name: plan.name })}>
        <HolderOutlined aria-hidden />
      </button>
      <span>
        <Link to={`/admin/plans/${plan.slug}`}>{plan.name}</Link>
        <small>
          <code>{plan.slug}</code>
        </small>
      </span>
      <span className="figure">{money(plan.price)}</span>
      <span className={`tag ${plan.onSale ? "good" : "plain"}`}>{t(plan.onSale ? "plans.sold" : "plans.notSold")}</span>
      {plan.remainingStock !== null && <span className="quiet">{t("plans.left", { left: plan.remainingStock })}</span>}
    </li>
  );
}
