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
    order_id       bigint NOT NULL UNIQUE,
    at             timestamptz NOT NULL DEFAULT now()
);

INSERT INTO plans VALUES ('starter', 990, 'CNY', 100) ON CONFLICT DO NOTHING;
