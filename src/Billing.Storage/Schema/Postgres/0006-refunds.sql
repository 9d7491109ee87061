-- Refunds are part of their order's document. These say which orders have any, and which somebody or some provider is to do something about.
ALTER TABLE orders ADD COLUMN refund_status text COLLATE "C";
ALTER TABLE orders ADD COLUMN refund_at timestamptz;
ALTER TABLE orders ADD COLUMN open_refunds bigint NOT NULL DEFAULT 0;

CREATE INDEX orders_with_refunds ON orders (refund_at DESC, key DESC) WHERE refund_at IS NOT NULL;
CREATE INDEX orders_with_open_refunds ON orders (key) WHERE open_refunds > 0;

-- What was, and is to be, given back. Ask with open_refunds > 0 for what is open: that is what the index holds.
-- One that was refused for want of a hold is in the journal only.
CREATE VIEW refunds AS
SELECT o.key AS order_number, o.open_refunds, item ->> 'number' AS number, item ->> 'status' AS status, (item ->> 'requestedAt')::timestamptz AS requested_at
FROM orders AS o
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(o.document -> 'allRefunds') WHEN 'array' THEN o.document -> 'allRefunds' ELSE '[]' END) AS item
WHERE o.refund_at IS NOT NULL AND item ->> 'status' <> 'Refused';

DROP VIEW work_items;

-- What needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes hold.
-- A code shows only what is open: there may be a million codes, and what was resolved is in their journals.
CREATE VIEW work_items AS
SELECT noun, key, open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    (item ->> 'openedAt')::timestamptz AS opened_at, (item ->> 'resolvedAt')::timestamptz AS resolved_at,
    item ->> 'resolution' AS resolution, item ->> 'resolvedBy' AS resolved_by, item ->> 'note' AS note, item ->> 'refundNumber' AS refund_number
FROM (
    SELECT 'order' AS noun, o.key, o.open_work_items, item
    FROM orders AS o
    CROSS JOIN LATERAL json_array_elements(CASE json_typeof(o.document -> 'workItems') WHEN 'array' THEN o.document -> 'workItems' ELSE '[]' END) AS item
    UNION ALL
    SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, item
    FROM unclaimed_payments AS u
    CROSS JOIN LATERAL json_array_elements(CASE json_typeof(u.document -> 'workItems') WHEN 'array' THEN u.document -> 'workItems' ELSE '[]' END) AS item
    UNION ALL
    SELECT 'code' AS noun, c.key, c.open_work_items, item
    FROM redemption_codes AS c
    CROSS JOIN LATERAL json_array_elements(CASE json_typeof(c.document -> 'workItems') WHEN 'array' THEN c.document -> 'workItems' ELSE '[]' END) AS item
    WHERE c.open_work_items > 0
) AS items;
