-- An account's ledger: every event of its journal that says how many credits came or went.
CREATE VIEW ledger AS
SELECT position, key AS account_id, version, ordinal, type, at, actor, reference, data ->> 'credits' AS credits_micro, data
FROM journal
WHERE noun = 'account' AND data ->> 'credits' IS NOT NULL;

-- What happened to an order.
CREATE VIEW timeline AS
SELECT position, key AS order_number, version, ordinal, type, at, actor, data
FROM journal
WHERE noun = 'order';

-- Money that needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes hold.
-- In documents a UTC time has as many digits after the second as it needs; here it gets the six that columns have.
CREATE VIEW work_items AS
SELECT noun, key, open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    substr(item ->> 'openedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'openedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS opened_at,
    substr(item ->> 'resolvedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'resolvedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS resolved_at
FROM (
    SELECT 'order' AS noun, o.key, o.open_work_items, items.value AS item
    FROM orders AS o, json_each(o.document, '$.workItems') AS items WHERE items.type = 'object'
    UNION ALL
    SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, items.value AS item
    FROM unclaimed_payments AS u, json_each(u.document, '$.workItems') AS items WHERE items.type = 'object'
);
