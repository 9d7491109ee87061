-- What providers called us with, what it said and what became of it. Bodies are masked before they come here. Rows are added, and pruned when they are old.
CREATE TABLE callbacks (
    position         integer PRIMARY KEY AUTOINCREMENT,
    received_at      text NOT NULL,
    method_id        text NOT NULL,
    http_method      text NOT NULL,
    outcome          text NOT NULL,
    rejection        text,
    headers          text NOT NULL,
    query            text NOT NULL,
    body             text,
    order_number     text,
    payment_number   text,
    refund_number    text,
    merchant         text,
    state            text,
    amount_minor     integer,
    currency         text,
    transaction_id   text,
    happened_at      text,
    failure_code     text,
    replay_of        integer,
    replayed_by      text,
    note             text
) STRICT;

CREATE INDEX callbacks_newest ON callbacks (received_at DESC, position DESC);
CREATE INDEX callbacks_by_outcome ON callbacks (outcome, received_at DESC, position DESC);
CREATE INDEX callbacks_of_order ON callbacks (order_number, received_at DESC, position DESC) WHERE order_number IS NOT NULL;
CREATE INDEX callbacks_replays ON callbacks (replay_of, position) WHERE replay_of IS NOT NULL;

-- What administrators did that changed no document: what they exported, what they handed on again.
CREATE TABLE acts (
    position         integer PRIMARY KEY AUTOINCREMENT,
    at               text NOT NULL,
    actor            text NOT NULL,
    noun             text NOT NULL,
    key              text NOT NULL,
    type             text NOT NULL,
    data             text NOT NULL
) STRICT;

CREATE INDEX acts_newest ON acts (at DESC, position DESC);

CREATE TRIGGER acts_are_not_updated BEFORE UPDATE ON acts BEGIN
    SELECT RAISE(ABORT, 'The journal is append-only.');
END;
CREATE TRIGGER acts_are_not_deleted_from BEFORE DELETE ON acts BEGIN
    SELECT RAISE(ABORT, 'The journal is append-only.');
END;

-- What administrators did to documents. The codes of a batch bear its issuer's name, one row each: the batch's own row is the act.
CREATE INDEX journal_of_administrators ON journal (at DESC, position DESC)
    WHERE actor >= 'admin:' AND actor < 'admin;' AND type <> 'CodeIssued';

-- The list of all orders, with everything that orders are filtered by, so that no combination has to read the orders themselves to find a page of them.
DROP INDEX orders_newest;
CREATE INDEX orders_newest ON orders (created_at DESC, key DESC, account_id, status, payment_status, plan_slug, method_id, currency, amount_minor)
    WHERE status <> 'REFUSED';

-- An order by the provider's number for its money, or for its payment.
CREATE INDEX journal_transactions ON journal (data ->> 'transactionId')
    WHERE noun = 'order' AND type IN ('PaymentReceived', 'PaymentHeld', 'PaymentDuplicated');
CREATE INDEX journal_provider_references ON journal (data -> 'checkout' ->> 'providerReference')
    WHERE noun = 'order' AND type IN ('PaymentStarted', 'PaymentPrepared') AND (data -> 'checkout' ->> 'providerReference') IS NOT NULL;

-- A code by its last four characters, a batch by the beginning of its name.
CREATE INDEX redemption_codes_tail ON redemption_codes (document ->> 'tail', key);
CREATE INDEX code_batches_name ON code_batches (lower(name), key) WHERE status <> 'REFUSED';

-- What statistics count, a row for each event. Micro-credits and minor units both go by the name of amount. A quarter of an hour divides every time zone's hours.
CREATE VIEW statistic_facts AS
SELECT j.position,
    substr(j.at, 1, 14) || CASE WHEN substr(j.at, 15, 2) < '15' THEN '00' WHEN substr(j.at, 15, 2) < '30' THEN '15' WHEN substr(j.at, 15, 2) < '45' THEN '30' ELSE '45' END
        || ':00.000000Z' AS quarter,
    CASE j.type
        WHEN 'OrderPlaced' THEN 'ORDERS_PLACED' WHEN 'PaymentReceived' THEN 'ORDERS_PAID' WHEN 'HeldPaymentAccepted' THEN 'ORDERS_PAID'
        WHEN 'RefundSucceeded' THEN 'REFUNDS' WHEN 'RefundMadeElsewhere' THEN 'REFUNDS' WHEN 'RedemptionCredited' THEN 'CODES_REDEEMED' ELSE 'CREDITS_GRANTED'
    END AS kind,
    coalesce(o.plan_slug, '') AS plan_slug,
    CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere') THEN j.data -> 'amount' ->> 'currency' ELSE '' END AS currency,
    CASE
        WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere') THEN j.data -> 'amount' ->> 'minorUnits'
        WHEN j.type = 'GrantsApplied' THEN j.data ->> 'credits'
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
    quarter          text NOT NULL,
    kind             text NOT NULL,
    plan_slug        text NOT NULL,
    currency         text NOT NULL,
    happened         integer NOT NULL,
    amount_billions  integer NOT NULL,
    amount_rest      integer NOT NULL,
    PRIMARY KEY (quarter, kind, plan_slug, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE statistics_progress (
    id               integer PRIMARY KEY CHECK (id = 1),
    position         integer NOT NULL
) STRICT;
INSERT INTO statistics_progress VALUES (1, 0);

-- The open credits of every account: where they come from, and the month (UTC) in which they lapse, empty when they never do. Buckets are named after what granted them.
CREATE VIEW credit_buckets AS
SELECT a.key AS account_id,
    CASE
        WHEN bucket.value ->> 'source' LIKE 'order:%' THEN 'PURCHASE' WHEN bucket.value ->> 'source' LIKE 'code:%' THEN 'REDEMPTION'
        WHEN bucket.value ->> 'source' = 'earlier' THEN 'EARLIER' ELSE 'ADJUSTMENT'
    END AS origin,
    coalesce(substr(bucket.value ->> 'expiresAt', 1, 7), '') AS month,
    bucket.value ->> 'remaining' AS remaining_micro
FROM accounts AS a, json_each(a.document, '$.buckets') AS bucket
WHERE a.balance_micro > 0;

-- Their sums by account, up to the same position of the journal as the statistics: an account that has changed since is still read from its document.
CREATE TABLE account_credits (
    account_id       text NOT NULL,
    origin           text NOT NULL,
    month            text NOT NULL,
    credit_billions  integer NOT NULL,
    credit_rest      integer NOT NULL,
    PRIMARY KEY (account_id, origin, month)
) STRICT, WITHOUT ROWID;
