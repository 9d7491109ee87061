-- What providers called us with, what it said and what became of it. Bodies are masked before they come here. Rows are added, and pruned when they are old.
CREATE TABLE callbacks (
    position         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at      timestamptz NOT NULL,
    method_id        text COLLATE "C" NOT NULL,
    http_method      text COLLATE "C" NOT NULL,
    outcome          text COLLATE "C" NOT NULL,
    rejection        text COLLATE "C",
    headers          text COLLATE "C" NOT NULL,
    query            text COLLATE "C" NOT NULL,
    body             text COLLATE "C",
    order_number     text COLLATE "C",
    payment_number   text COLLATE "C",
    refund_number    text COLLATE "C",
    merchant         text COLLATE "C",
    state            text COLLATE "C",
    amount_minor     bigint,
    currency         text COLLATE "C",
    transaction_id   text COLLATE "C",
    happened_at      timestamptz,
    failure_code     text COLLATE "C",
    replay_of        bigint,
    replayed_by      text COLLATE "C",
    note             text COLLATE "C"
);

CREATE INDEX callbacks_newest ON callbacks (received_at DESC, position DESC);
CREATE INDEX callbacks_by_outcome ON callbacks (outcome, received_at DESC, position DESC);
CREATE INDEX callbacks_of_order ON callbacks (order_number, received_at DESC, position DESC) WHERE order_number IS NOT NULL;
CREATE INDEX callbacks_replays ON callbacks (replay_of, position) WHERE replay_of IS NOT NULL;

-- What administrators did that changed no document: what they exported, what they handed on again.
CREATE TABLE acts (
    position         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL,
    actor            text COLLATE "C" NOT NULL,
    noun             text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL,
    type             text COLLATE "C" NOT NULL,
    data             json NOT NULL
);

CREATE INDEX acts_newest ON acts (at DESC, position DESC);

CREATE TRIGGER acts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON acts
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- What administrators did to documents. The codes of a batch bear its issuer's name, one row each: the batch's own row is the act.
CREATE INDEX journal_of_administrators ON journal (at DESC, position DESC)
    WHERE actor >= 'admin:' AND actor < 'admin;' AND type <> 'CodeIssued';

-- The list of all orders, with everything that orders are filtered by, so that no combination has to read the orders themselves to find a page of them.
DROP INDEX orders_newest;
CREATE INDEX orders_newest ON orders (created_at DESC, key DESC)
    INCLUDE (account_id, status, payment_status, plan_slug, method_id, currency, amount_minor) WHERE status <> 'REFUSED';

-- An order by the provider's number for its money, or for its payment.
CREATE INDEX journal_transactions ON journal ((data ->> 'transactionId'))
    WHERE noun = 'order' AND type IN ('PaymentReceived', 'PaymentHeld', 'PaymentDuplicated');
CREATE INDEX journal_provider_references ON journal ((data -> 'checkout' ->> 'providerReference'))
    WHERE noun = 'order' AND type IN ('PaymentStarted', 'PaymentPrepared') AND (data -> 'checkout' ->> 'providerReference') IS NOT NULL;

-- A code by its last four characters, a batch by the beginning of its name.
CREATE INDEX redemption_codes_tail ON redemption_codes ((document ->> 'tail'), key);
CREATE INDEX code_batches_name ON code_batches (lower(name), key) WHERE status <> 'REFUSED';

-- What statistics count, a row for each event. Micro-credits and minor units both go by the name of amount. A quarter of an hour divides every time zone's hours.
CREATE VIEW statistic_facts AS
SELECT j.position, date_bin('15 minutes', j.at, '2000-01-01 00:00:00+00'::timestamptz) AS quarter,
    CASE j.type
        WHEN 'OrderPlaced' THEN 'ORDERS_PLACED' WHEN 'PaymentReceived' THEN 'ORDERS_PAID' WHEN 'HeldPaymentAccepted' THEN 'ORDERS_PAID'
        WHEN 'RefundSucceeded' THEN 'REFUNDS' WHEN 'RefundMadeElsewhere' THEN 'REFUNDS' WHEN 'RedemptionCredited' THEN 'CODES_REDEEMED' ELSE 'CREDITS_GRANTED'
    END AS kind,
    coalesce(o.plan_slug, '') AS plan_slug,
    CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere') THEN j.data -> 'amount' ->> 'currency' ELSE '' END AS currency,
    CASE
        WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere') THEN (j.data -> 'amount' ->> 'minorUnits')::bigint
        WHEN j.type = 'GrantsApplied' THEN (j.data ->> 'credits')::bigint
        ELSE 0
    END AS amount
FROM journal AS j
-- Looked up for these alone.
LEFT JOIN orders AS o ON o.key = CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted') THEN j.key END
WHERE j.noun = 'order' AND j.type IN ('OrderPlaced', 'PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere')
    OR j.noun = 'code' AND j.type = 'RedemptionCredited'
    OR j.noun = 'account' AND j.type = 'GrantsApplied';

-- Their sums by quarter of an hour, up to a position of the journal; what came after it is still read from the journal. An amount is kept as billions and a rest, each
-- of which can be summed without an overflow.
CREATE TABLE statistics (
    quarter          timestamptz NOT NULL,
    kind             text COLLATE "C" NOT NULL,
    plan_slug        text COLLATE "C" NOT NULL,
    currency         text COLLATE "C" NOT NULL,
    happened         bigint NOT NULL,
    amount_billions  bigint NOT NULL,
    amount_rest      bigint NOT NULL,
    PRIMARY KEY (quarter, kind, plan_slug, currency)
);

CREATE TABLE statistics_progress (
    id               bigint PRIMARY KEY CHECK (id = 1),
    position         bigint NOT NULL
);
INSERT INTO statistics_progress VALUES (1, 0);

-- The open credits of every account: where they come from, and the month (UTC) in which they lapse, empty when they never do. Buckets are named after what granted them.
CREATE VIEW credit_buckets AS
SELECT a.key AS account_id,
    CASE
        WHEN bucket ->> 'source' LIKE 'order:%' THEN 'PURCHASE' WHEN bucket ->> 'source' LIKE 'code:%' THEN 'REDEMPTION'
        WHEN bucket ->> 'source' = 'earlier' THEN 'EARLIER' ELSE 'ADJUSTMENT'
    END AS origin,
    coalesce(substr(bucket ->> 'expiresAt', 1, 7), '') AS month,
    (bucket ->> 'remaining')::bigint AS remaining_micro
FROM accounts AS a
CROSS JOIN LATERAL json_array_elements(a.document -> 'buckets') AS bucket
WHERE a.balance_micro > 0;

-- Their sums by account, up to the same position of the journal as the statistics: an account that has changed since is still read from its document.
CREATE TABLE account_credits (
    account_id       text COLLATE "C" NOT NULL,
    origin           text COLLATE "C" NOT NULL,
    month            text COLLATE "C" NOT NULL,
    credit_billions  bigint NOT NULL,
    credit_rest      bigint NOT NULL,
    PRIMARY KEY (account_id, origin, month)
);
