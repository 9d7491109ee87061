-- Who is told of what happens.
CREATE TABLE webhook_endpoints (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    status           text COLLATE "C" NOT NULL,
    created_at       timestamptz NOT NULL
);

CREATE INDEX webhook_endpoints_newest ON webhook_endpoints (created_at DESC, key DESC) WHERE status <> 'DELETED';
CREATE INDEX webhook_endpoints_due ON webhook_endpoints (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TRIGGER document_begins_with_one AFTER INSERT ON webhook_endpoints
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();

-- How far each endpoint has come in the journal, and which host looks after it until when.
CREATE TABLE webhook_cursors (
    endpoint         text COLLATE "C" PRIMARY KEY,
    position         bigint NOT NULL,
    owner            text COLLATE "C",
    owned_until      timestamptz,
    failing_since    timestamptz
);

-- What of the journal an endpoint is told, up to its cursor: what waits, what was given up, and for a while what was delivered.
CREATE TABLE webhook_deliveries (
    endpoint         text COLLATE "C" NOT NULL,
    position         bigint NOT NULL,
    noun             text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    attempts         bigint NOT NULL,
    next_attempt_at  timestamptz,
    last_attempt_at  timestamptz,
    last_status      bigint,
    last_failure     text COLLATE "C",
    settled_at       timestamptz,
    PRIMARY KEY (endpoint, position)
) WITH (fillfactor = 80);

-- What waits, by its object: the first of an object holds back the others.
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint, noun, key, position) WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint, status, position);
CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (endpoint, settled_at) WHERE settled_at IS NOT NULL;

-- Who reads the journal in its order waits for every transaction that may hold a lower position. It knows them by their ids, so whoever adds rows must have an id
-- before the first position is taken. The stores' statements write a document first, which gives them one; this holds for everybody.
CREATE FUNCTION journal_needs_a_transaction_id() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_current_xact_id();
    RETURN NULL;
END
$body$;

CREATE TRIGGER journal_needs_a_transaction_id BEFORE INSERT ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_needs_a_transaction_id();
