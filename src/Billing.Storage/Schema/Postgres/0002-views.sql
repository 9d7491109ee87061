-- An account's ledger: every event of its journal that says how many credits came or went.
CREATE VIEW ledger AS
SELECT position, key AS account_id, version, ordinal, type, at, actor, reference, (data ->> 'credits')::bigint AS credits_micro, data
FROM journal
WHERE noun = 'account' AND data ->> 'credits' IS NOT NULL;

-- What happened to an order.
CREATE VIEW timeline AS
SELECT position, key AS order_number, version, ordinal, type, at, actor, data
FROM journal
WHERE noun = 'order';

-- Money that needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes hold.
CREATE VIEW work_items AS
SELECT 'order' AS noun, o.key, o.open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    (item ->> 'openedAt')::timestamptz AS opened_at, (item ->> 'resolvedAt')::timestamptz AS resolved_at
FROM orders AS o
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(o.document -> 'workItems') WHEN 'array' THEN o.document -> 'workItems' ELSE '[]' END) AS item
UNION ALL
SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, item ->> 'id', item ->> 'kind', item ->> 'detail',
    (item ->> 'openedAt')::timestamptz, (item ->> 'resolvedAt')::timestamptz
FROM unclaimed_payments AS u
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(u.document -> 'workItems') WHEN 'array' THEN u.document -> 'workItems' ELSE '[]' END) AS item;
