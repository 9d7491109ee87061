-- A table a noun: its documents, each with the version that guards it and typed copies of what is filtered, sorted or unique.
-- Text compares by its bytes (COLLATE "C"), as it does in SQLite, so that pages come in the same order from both and prefixes can use an index.
-- Documents are json and not jsonb: what is read is byte for byte what was written, and writing costs less.

CREATE TABLE orders (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    account_id       text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    payment_status   text COLLATE "C" NOT NULL,
    plan_slug        text COLLATE "C" NOT NULL,
    method_id        text COLLATE "C",
    created_at       timestamptz NOT NULL,
    amount_minor     bigint NOT NULL,
    currency         text COLLATE "C" NOT NULL,
    open_slot        bigint,
    purchase_slot    bigint,
    open_work_items  bigint NOT NULL
) WITH (fillfactor = 80);

-- The limits on open orders and on limited plans: a place can be taken once.
CREATE UNIQUE INDEX orders_open_slot ON orders (account_id, open_slot) WHERE open_slot IS NOT NULL;
CREATE UNIQUE INDEX orders_purchase_slot ON orders (account_id, plan_slug, purchase_slot) WHERE purchase_slot IS NOT NULL;

-- Lists never show refused orders: they were never placed.
CREATE INDEX orders_of_account ON orders (account_id, created_at DESC, key DESC) WHERE status <> 'REFUSED';
CREATE INDEX orders_newest ON orders (created_at DESC, key DESC) WHERE status <> 'REFUSED';
CREATE INDEX orders_by_status ON orders (status, created_at DESC, key DESC) WHERE status <> 'REFUSED';
CREATE INDEX orders_with_work ON orders (key) WHERE open_work_items > 0;
CREATE INDEX orders_due ON orders (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TABLE accounts (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    balance_micro    bigint NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX accounts_due ON accounts (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TABLE plans (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    sort_order       bigint NOT NULL
);

CREATE INDEX plans_in_order ON plans (sort_order, key);
CREATE INDEX plans_due ON plans (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TABLE unclaimed_payments (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    method_id        text COLLATE "C" NOT NULL,
    created_at       timestamptz NOT NULL,
    open_work_items  bigint NOT NULL
);

CREATE INDEX unclaimed_payments_with_work ON unclaimed_payments (key) WHERE open_work_items > 0;
CREATE INDEX unclaimed_payments_due ON unclaimed_payments (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- What happened, in order, for all nouns. Rows are added and never changed.
CREATE TABLE journal (
    position         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    noun             text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL,
    version          bigint NOT NULL,
    ordinal          bigint NOT NULL,
    type             text COLLATE "C" NOT NULL,
    at               timestamptz NOT NULL,
    actor            text COLLATE "C" NOT NULL,
    reference        text COLLATE "C",
    data             json NOT NULL
);

CREATE UNIQUE INDEX journal_version ON journal (noun, key, version, ordinal);
-- The last word on "already applied": a key's journal holds a reference once.
CREATE UNIQUE INDEX journal_reference ON journal (noun, key, reference) WHERE reference IS NOT NULL;

CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'The journal is append-only.' USING ERRCODE = 'BL001';
END
$body$;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- A document begins with version 1: a later version that finds no row to replace must not become one.
CREATE FUNCTION document_begins_with_one() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% % has no version %.', TG_TABLE_NAME, NEW.key, NEW.version - 1 USING ERRCODE = 'BL002';
END
$body$;

CREATE TRIGGER document_begins_with_one AFTER INSERT ON orders
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();
CREATE TRIGGER document_begins_with_one AFTER INSERT ON accounts
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();
CREATE TRIGGER document_begins_with_one AFTER INSERT ON plans
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();
CREATE TRIGGER document_begins_with_one AFTER INSERT ON unclaimed_payments
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();
