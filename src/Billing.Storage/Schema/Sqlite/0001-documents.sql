-- A table a noun: its documents, each with the version that guards it and typed copies of what is filtered, sorted or unique.
-- Times are ISO 8601 in UTC with six digits after the second, always 27 characters, so that they sort as text.

CREATE TABLE orders (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    account_id       text NOT NULL,
    status           text NOT NULL,
    payment_status   text NOT NULL,
    plan_slug        text NOT NULL,
    method_id        text,
    created_at       text NOT NULL,
    amount_minor     integer NOT NULL,
    currency         text NOT NULL,
    open_slot        integer,
    purchase_slot    integer,
    open_work_items  integer NOT NULL
) STRICT;

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
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    created_at       text NOT NULL,
    balance_micro    integer NOT NULL
) STRICT;

CREATE INDEX accounts_due ON accounts (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TABLE plans (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    created_at       text NOT NULL,
    sort_order       integer NOT NULL
) STRICT;

CREATE INDEX plans_in_order ON plans (sort_order, key);
CREATE INDEX plans_due ON plans (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TABLE unclaimed_payments (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    method_id        text NOT NULL,
    created_at       text NOT NULL,
    open_work_items  integer NOT NULL
) STRICT;

CREATE INDEX unclaimed_payments_with_work ON unclaimed_payments (key) WHERE open_work_items > 0;
CREATE INDEX unclaimed_payments_due ON unclaimed_payments (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- What happened, in order, for all nouns. Rows are added and never changed.
CREATE TABLE journal (
    position         integer PRIMARY KEY AUTOINCREMENT,
    noun             text NOT NULL,
    key              text NOT NULL,
    version          integer NOT NULL,
    ordinal          integer NOT NULL,
    type             text NOT NULL,
    at               text NOT NULL,
    actor            text NOT NULL,
    reference        text,
    data             text NOT NULL
) STRICT;

CREATE UNIQUE INDEX journal_version ON journal (noun, key, version, ordinal);
-- The last word on "already applied": a key's journal holds a reference once.
CREATE UNIQUE INDEX journal_reference ON journal (noun, key, reference) WHERE reference IS NOT NULL;

CREATE TRIGGER journal_is_not_updated BEFORE UPDATE ON journal BEGIN
    SELECT RAISE(ABORT, 'The journal is append-only.');
END;
CREATE TRIGGER journal_is_not_deleted_from BEFORE DELETE ON journal BEGIN
    SELECT RAISE(ABORT, 'The journal is append-only.');
END;
