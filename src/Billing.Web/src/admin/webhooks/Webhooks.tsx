import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate, useParams } from "react-router";
import { useAsk, usePages } from "../../api/hooks";
import { Moment } from "../../figures/Moment";
import { useFigures } from "../../figures/useFigures";
import type { WebhookDeliveryStatus, WebhookStatus } from "../../schema.generated";
import { Copyable } from "../../shell/Copyable";
import { Page } from "../../shell/Page";
import { Failed, Loading, Trouble } from "../../shell/States";
import { Act } from "../acts/Act";
import { Entry, Group, Tick } from "../acts/Form";
import { FilterBy, useFilters } from "../lists/Filters";
import { Facts, Listing } from "../lists/Listing";
import {
  CreateEndpointDocument,
  DeleteEndpointDocument,
  DeliveriesDocument,
  EndpointsDocument,
  OneEndpointDocument,
  ReplayDeliveriesDocument,
  RotateSecretDocument,
  SendTestDocument,
  UpdateEndpointDocument,
  type EndpointLineFragment,
} from "./webhooks.generated";

const eventTypes = ["order.paid", "order.fulfilled", "order.refunded", "code.redeemed", "credits.changed"];
const statuses: WebhookDeliveryStatus[] = ["PENDING", "DELIVERED", "DEAD"];

/** Who is told what happens, and how that goes. */
export default function Webhooks() {
  return (
    <Routes>
      <Route path="/" element={<Every />} />
      <Route path=":id" element={<One />} />
    </Routes>
  );
}

function Every() {
  const { t } = useTranslation("admin");
  const pages = usePages(EndpointsDocument, { first: 50 }, ({ webhookEndpoints }) => webhookEndpoints);
  return (
    <Page
      title={t("section.webhooks")}
      aside={
        <Act
          name={t("webhooks.new")}
          primary
          note="optional"
          mutation={CreateEndpointDocument}
          pick={({ createWebhookEndpoint }) => createWebhookEndpoint}
          input={(form, key) => ({
            input: { url: form.text("url"), description: form.optional("description"), eventTypes: form.all("eventTypes"), note: form.optional("note"), idempotencyKey: key },
          })}
          says={t("webhooks.makes")}
          result={({ secret }) => <Secret secret={secret} />}
          done={pages.refresh}
        >
          <EndpointFields />
        </Act>
      }
    >
      <Listing
        title={t("section.webhooks")}
        none={t("webhooks.none")}
        pages={pages}
        columns={[
          { name: t("webhooks.url"), of: ({ id, url }) => <Link to={`/admin/webhooks/${encodeURIComponent(id)}`}>{url}</Link> },
          { name: t("webhooks.description"), of: ({ description }) => description ?? "–" },
          { name: t("webhooks.status"), of: ({ status }) => <EndpointTag status={status} /> },
          { name: t("webhooks.events"), of: (endpoint) => endpoint.eventTypes.join(", ") },
          { name: t("webhooks.created"), of: ({ createdAt }) => <Moment at={createdAt} /> },
        ]}
      />
    </Page>
  );
}

function EndpointTag({ status }: { status: WebhookStatus }) {
  const { t } = useTranslation("admin");
  return <span className={`tag ${status === "ENABLED" ? "good" : "warn"}`}>{t(`webhookStatus.${status}`)}</span>;
}

function EndpointFields({ endpoint }: { endpoint?: EndpointLineFragment }) {
  const { t } = useTranslation("admin");
  return (
    <>
      <Entry name="url" kind="url" label={t("webhooks.url")} hint={t("webhooks.urlHint")} value={endpoint?.url} />
      <Entry name="description" label={t("webhooks.description")} value={endpoint?.description} />
      <Group name="eventTypes" label={t("webhooks.events")}>
        {eventTypes.map((type) => (
          <Tick key={type} name="eventTypes" value={type} label={<code>{type}</code>} checked={endpoint?.eventTypes.includes(type) ?? true} />
        ))}
      </Group>
    </>
  );
}

/** A secret, shown this once. */
function Secret({ secret }: { secret: string | null }) {
  const { t } = useTranslation("admin");
  return (
    <>
      <p>{secret ? t("webhooks.secret") : t("webhooks.secretShown")}</p>
      {secret && (
        <p className="secret">
          <Copyable text={secret} />
        </p>
      )}
    </>
  );
}

function One() {
  const { t } = useTranslation("admin");
  const { id = "" } = useParams();
  const { data, failure, again } = useAsk(OneEndpointDocument, { id });
  const endpoint = data?.webhookEndpoint;
  return (
    <Page title={t("webhooks.one")} aside={<Link to="/admin/webhooks">{t("webhooks.every")}</Link>}>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading lines={6} />}
      {(endpoint === null || endpoint?.status === "DELETED") && <Trouble text={t("webhooks.noSuch")} />}
      {endpoint && endpoint.status !== "DELETED" && <Details endpoint={endpoint} again={again} />}
    </Page>
  );
}

function Details({ endpoint, again }: { endpoint: EndpointLineFragment; again: () => void }) {
  const { t } = useTranslation("admin");
  const { moment } = useFigures();
  const navigate = useNavigate();
  const filters = useFilters();
  const status = filters.one("status", statuses) ?? null;
  const deliveries = usePages(DeliveriesDocument, { endpointId: endpoint.id, first: 20, status }, ({ webhookDeliveries }) => webhookDeliveries);
  const endpointId = endpoint.id;
  const enabled = endpoint.status === "ENABLED";
  return (
    <>
      <section className="panel" aria-labelledby="facts">
        <h2 id="facts">
          {endpoint.url} <EndpointTag status={endpoint.status} />
        </h2>
        <Facts
          of={[
            endpoint.description && [t("webhooks.description"), endpoint.description],
            [t("webhooks.events"), endpoint.eventTypes.join(", ")],
            endpoint.disabledFor && [t("webhooks.disabledFor"), t(`disabledFor.${endpoint.disabledFor}`)],
            endpoint.disabledAt && [t("webhooks.disabledAt"), <Moment key="disabled" at={endpoint.disabledAt} />],
            endpoint.oldSecretUntil && [t("webhooks.oldSecret"), <Moment key="old" at={endpoint.oldSecretUntil} />],
            [t("webhooks.created"), <span key="created"><Moment at={endpoint.createdAt} /> · {endpoint.createdBy}</span>],
          ]}
        />
        <div className="actions">
          {enabled && (
            <Act
              name={t("webhooks.test")}
              mutation={SendTestDocument}
              pick={({ sendTestEvent }) => sendTestEvent}
              input={() => ({ input: { endpointId } })}
              says={t("webhooks.tests")}
              done={deliveries.refresh}
            />
          )}
          <Act
            name={t("webhooks.edit")}
            note="needed"
            submit={t("webhooks.save")}
            mutation={UpdateEndpointDocument}
            pick={({ updateWebhookEndpoint }) => updateWebhookEndpoint}
            input={(form) => ({
              input: { endpointId, url: form.text("url"), description: form.written("description"), eventTypes: form.all("eventTypes"), note: form.written("note") },
            })}
            done={again}
          >
            <EndpointFields endpoint={endpoint} />
          </Act>
          <Act
            name={t("webhooks.rotate")}
            note="needed"
            mutation={RotateSecretDocument}
            pick={({ rotateWebhookSecret }) => rotateWebhookSecret}
            input={(form) => ({ input: { endpointId, note: form.written("note") } })}
            says={t("webhooks.rotates")}
            result={({ secret }) => <Secret secret={secret} />}
            done={again}
          />
          <Act
            name={t(enabled ? "webhooks.disable" : "webhooks.enable")}
            danger={enabled}
            note="needed"
            mutation={UpdateEndpointDocument}
            pick={({ updateWebhookEndpoint }) => updateWebhookEndpoint}
            input={(form) => ({ input: { endpointId, enabled: !enabled, note: form.written("note") } })}
            says={t(enabled ? "webhooks.disables" : "webhooks.enables")}
            done={again}
          />
          <Act
            name={t("webhooks.delete")}
            danger
            note="needed"
            mutation={DeleteEndpointDocument}
            pick={({ deleteWebhookEndpoint }) => deleteWebhookEndpoint}
            input={(form) => ({ input: { endpointId, note: form.written("note") } })}
            says={t("webhooks.deletes", { url: endpoint.url })}
            done={() => void navigate("/admin/webhooks")}
          />
        </div>
      </section>
      <section aria-labelledby="deliveries">
        <h2 id="deliveries" className="next">
          {t("webhooks.deliveries")}
        </h2>
        <div className="filters">
          <FilterBy filters={filters} name="status" label={t("webhooks.status")} any={t("lists.any")} options={statuses.map((one) => [one, t(`deliveryStatus.${one}`)])} />
          <Act
            name={t("webhooks.replaySince")}
            mutation={ReplayDeliveriesDocument}
            pick={({ replayWebhookDeliveries }) => replayWebhookDeliveries}
            input={(form) => {
              form.text("since");
              return { input: { endpointId, what: { since: form.moment("since") ?? "" } } };
            }}
            says={t("webhooks.replaysSince")}
            done={deliveries.refresh}
          >
            <Entry name="since" kind="moment" label={t("webhooks.since")} />
          </Act>
        </div>
        <Listing
          title={t("webhooks.deliveries")}
          none={t("webhooks.noDeliveries")}
          pages={deliveries}
          columns={[
            { name: t("webhooks.event"), of: ({ eventType }) => <code>{eventType ?? "–"}</code> },
            { name: t("webhooks.happened"), of: ({ happenedAt }) => <Moment at={happenedAt} /> },
            { name: t("webhooks.status"), of: (delivery) => <span className={`tag ${delivery.status === "DELIVERED" ? "good" : delivery.status === "DEAD" ? "warn" : "accent"}`}>{t(`deliveryStatus.${delivery.status}`)}</span> },
            { name: t("webhooks.attempts"), of: ({ attempts }) => attempts, figure: true },
            { name: t("webhooks.last"), of: ({ lastStatusCode, lastFailure }) => lastStatusCode ?? lastFailure ?? "–" },
            { name: t("webhooks.next"), of: (delivery) => (delivery.nextAttemptAt ? <Moment at={delivery.nextAttemptAt} /> : "–") },
            {
              name: t("webhooks.content"),
              of: ({ payload, eventId }) => (
                <details>
                  <summary>{t("webhooks.show")}</summary>
                  <code>{eventId}</code>
                  <pre tabIndex={0} role="group" aria-label={t("webhooks.content")}>
                    {payload ?? "–"}
                  </pre>
                </details>
              ),
            },
            {
              name: t("webhooks.replay"),
              of: (delivery) =>
                delivery.status === "PENDING" ? (
                  "–"
                ) : (
                  <Act
                    name={t("webhooks.replay")}
                    label={t("webhooks.replayOne", { event: delivery.eventType ?? "", at: moment(delivery.happenedAt) })}
                    mutation={ReplayDeliveriesDocument}
                    pick={({ replayWebhookDeliveries }) => replayWebhookDeliveries}
                    input={() => ({ input: { endpointId, what: { deliveryIds: [delivery.id] } } })}
                    says={t("webhooks.replays")}
                    done={deliveries.refresh}
                  />
                ),
            },
          ]}
        />
      </section>
    </>
  );
}
