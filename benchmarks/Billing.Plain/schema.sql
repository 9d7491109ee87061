CREATE TABLE IF NOT EXISTS accounts (
    id       text COLLATE "C" PRIMARY KEY,
    balance  bigint NOT NULL DEFAULT 0 CHECK (balance >= 0)
);

CREATE TABLE IF NOT EXISTS plans (
    slug      text COLLATE "C" PRIMARY KEY,
    price     bigint NOT NULL,
    currency  text NOT NULL,
    credits   bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     text COLLATE "C" NOT NULL REFERENCES accounts,
    key         text COLLATE "C" NOT NULL,
    plan        text COLLATE "C" NOT NULL,
    price       bigint NOT NULL,
    currency    text NOT NULL,
    credits     bigint NOT NULL,
    paid_by     text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    paid_at     timestamptz,
    UNIQUE (account, key)
);
CREATE INDEX IF NOT EXISTS orders_of_account ON orders (account, id);

CREATE TABLE IF NOT EXISTS ledger (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account        text COLLATE "C" NOT NULL,
    credits        bigint NOT NULL,
    balance_after  bigint NOT NULL,
    order_id       bigint UNIQUE,
    redemption_id  bigint,
    at             timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS ledger_of_redemption ON ledger (redemption_id) WHERE redemption_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS batches (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    credits          bigint NOT NULL,
    max_per_account  integer NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS codes (
    code             text COLLATE "C" PRIMARY KEY,
    batch            bigint NOT NULL REFERENCES batches,
    max_redemptions  integer NOT NULL,
    redemptions      integer NOT NULL DEFAULT 0 CHECK (redemptions <= max_redemptions),
    disabled         boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS codes_of_batch ON codes (batch);

CREATE TABLE IF NOT EXISTS redemptions (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text COLLATE "C" NOT NULL REFERENCES codes,
    account  text COLLATE "C" NOT NULL,
    batch    bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (code, account)
);
CREATE INDEX IF NOT EXISTS redemptions_of_account ON redemptions (account, batch);

INSERT INTO plans VALUES ('starter', 990, 'CNY', 100) ON CONFLICT DO NOTHING;
