-- Who is told of what happens.
CREATE TABLE webhook_endpoints (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    status           text NOT NULL,
    created_at       text NOT NULL
) STRICT;

CREATE INDEX webhook_endpoints_newest ON webhook_endpoints (created_at DESC, key DESC) WHERE status <> 'DELETED';
CREATE INDEX webhook_endpoints_due ON webhook_endpoints (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- How far each endpoint has come in the journal, and which host looks after it until when.
CREATE TABLE webhook_cursors (
    endpoint         text NOT NULL PRIMARY KEY,
    position         integer NOT NULL,
    owner            text,
    owned_until      text,
    failing_since    text
) STRICT;

-- What of the journal an endpoint is told, up to its cursor: what waits, what was given up, and for a while what was delivered.
CREATE TABLE webhook_deliveries (
    endpoint         text NOT NULL,
    position         integer NOT NULL,
    noun             text NOT NULL,
    key              text NOT NULL,
    status           text NOT NULL,
    attempts         integer NOT NULL,
    next_attempt_at  text,
    last_attempt_at  text,
    last_status      integer,
    last_failure     text,
    settled_at       text,
    PRIMARY KEY (endpoint, position)
) STRICT;

-- What waits, by its object: the first of an object holds back the others.
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint, noun, key, position) WHERE status = 'PENDING';
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint, status, position);
CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (endpoint, settled_at) WHERE settled_at IS NOT NULL;
