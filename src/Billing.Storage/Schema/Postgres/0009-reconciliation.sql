-- The comparisons of each payment method's days with its provider's records: the report, how far it came, and which host goes on with it until when.
CREATE TABLE reconciliations (
    method_id        text COLLATE "C" NOT NULL,
    day              text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    round            bigint NOT NULL,
    differing        bigint NOT NULL,
    document         json NOT NULL,
    owner            text COLLATE "C",
    owned_until      timestamptz,
    PRIMARY KEY (method_id, day)
) WITH (fillfactor = 80);

CREATE INDEX reconciliations_newest ON reconciliations (day DESC, method_id DESC);

-- What a provider's bill of a day says, while it is being compared.
CREATE TABLE reconciliation_lines (
    method_id        text COLLATE "C" NOT NULL,
    day              text COLLATE "C" NOT NULL,
    position         bigint NOT NULL,
    payment_number   text COLLATE "C" NOT NULL,
    line             json NOT NULL,
    PRIMARY KEY (method_id, day, position)
);

CREATE INDEX reconciliation_lines_of_payment ON reconciliation_lines (method_id, day, payment_number);
