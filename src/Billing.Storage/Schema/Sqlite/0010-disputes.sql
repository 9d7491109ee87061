-- A dispute that was lost is money that went back.
DROP VIEW statistic_facts;

-- What statistics count, a row for each event. Micro-credits and minor units both go by the name of amount. A quarter of an hour divides every time zone's hours.
CREATE VIEW statistic_facts AS
SELECT j.position,
    substr(j.at, 1, 14) || CASE WHEN substr(j.at, 15, 2) < '15' THEN '00' WHEN substr(j.at, 15, 2) < '30' THEN '15' WHEN substr(j.at, 15, 2) < '45' THEN '30' ELSE '45' END
        || ':00.000000Z' AS quarter,
    CASE j.type
        WHEN 'OrderPlaced' THEN 'ORDERS_PLACED' WHEN 'PaymentReceived' THEN 'ORDERS_PAID' WHEN 'HeldPaymentAccepted' THEN 'ORDERS_PAID'
        WHEN 'RefundSucceeded' THEN 'REFUNDS' WHEN 'RefundMadeElsewhere' THEN 'REFUNDS' WHEN 'DisputeLost' THEN 'REFUNDS' WHEN 'RedemptionCredited' THEN 'CODES_REDEEMED' ELSE 'CREDITS_GRANTED'
    END AS kind,
    coalesce(o.plan_slug, '') AS plan_slug,
    CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost') THEN j.data -> 'amount' ->> 'currency' ELSE '' END AS currency,
    CASE
        WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost') THEN j.data -> 'amount' ->> 'minorUnits'
        WHEN j.type = 'GrantsApplied' THEN j.data ->> 'credits'
        ELSE 0
    END AS amount
FROM journal AS j
-- Looked up for these alone.
LEFT JOIN orders AS o ON o.key = CASE WHEN j.type IN ('PaymentReceived', 'HeldPaymentAccepted') THEN j.key END
WHERE j.noun = 'order' AND j.type IN ('OrderPlaced', 'PaymentReceived', 'HeldPaymentAccepted', 'RefundSucceeded', 'RefundMadeElsewhere', 'DisputeLost')
    OR j.noun = 'code' AND j.type = 'RedemptionCredited'
    OR j.noun = 'account' AND j.type = 'GrantsApplied';
