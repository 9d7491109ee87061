-- A dispute that was lost is money that went back.
DROP VIEW statistic_facts;

-- What statistics count, a row for each event. Micro-credits and minor units both go by the name of amount. A quarter of an hour divides every time zone's hours.
CREATE VIEW statistic_facts AS
SELECT j.position, date_bin('15 minutes', j.at, '2000-01-01 00:00:00+00'::timestamptz) AS quarter,
    CASE j.type
        WHEN 'OrderPlaced' THEN 'ORDERS_PLACED' WHEN 'PaymentReceived' THEN 'ORDERS_PAID' WHEN 'HeldPaymentAccepted' THEN 'ORDERS_PAID'
        WHEN 'RefundSucceeded' THEN 'REFUNDS' WHEN 'RefundMadeElsewhere' THEN 'REFUNDS' WHEN 'DisputeLost' THEN 'REFUNDS' WHEN 'RedemptionCredited' THEN 'CODES_REDEEMED' ELSE 'CREDITS_GRANTED'
    END AS kind,
    coalesce(o.plan_slug, '') AS plan_slug,
    CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost') THEN j.data -> 'amount' ->> 'currency' ELSE '' END AS currency,
    CASE
        WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost') THEN (j.data -> 'amount' ->> 'minorUnits')::bigint
        WHEN j.type = 'GrantsApplied' THEN (j.data ->> 'credits')::bigint
        ELSE 0
    END AS amount
FROM journal AS j
-- Looked up for these alone.
LEFT JOIN orders AS o ON o.key = CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted') THEN j.key END
WHERE j.noun = 'order' AND j.type IN ('OrderPlaced', 'PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost')
    OR j.noun = 'code' AND j.type = 'RedemptionCredited'
    OR j.noun = 'account' AND j.type = 'GrantsApplied';
