-- Refunds are part of their order's document. These say which orders have any, and which somebody or some provider is to do something about.
ALTER TABLE orders ADD COLUMN refund_status text;
ALTER TABLE orders ADD COLUMN refund_at text;
ALTER TABLE orders ADD COLUMN open_refunds integer NOT NULL DEFAULT 0;

CREATE INDEX orders_with_refunds ON orders (refund_at DESC, key DESC) WHERE refund_at IS NOT NULL;
CREATE INDEX orders_with_open_refunds ON orders (key) WHERE open_refunds > 0;

-- What was, and is to be, given back. Ask with open_refunds > 0 for what is open: that is what the index holds.
-- One that was refused for want of a hold is in the journal only.
-- In documents a UTC time has as many digits after the second as it needs; here it gets the six that columns have.
CREATE VIEW refunds AS
SELECT o.key AS order_number, o.open_refunds, items.value ->> 'number' AS number, items.value ->> 'status' AS status,
    substr(items.value ->> 'requestedAt', 1, 19) || '.' || substr(rtrim(substr(items.value ->> 'requestedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS requested_at
FROM orders AS o, json_each(o.document, '$.allRefunds') AS items
WHERE o.refund_at IS NOT NULL AND items.type = 'object' AND items.value ->> 'status' <> 'Refused';

DROP VIEW work_items;

-- What needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes hold.
-- A code shows only what is open: there may be a million codes, and what was resolved is in their journals.
-- In documents a UTC time has as many digits after the second as it needs; here it gets the six that columns have.
CREATE VIEW work_items AS
SELECT noun, key, open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    substr(item ->> 'openedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'openedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS opened_at,
    substr(item ->> 'resolvedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'resolvedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS resolved_at,
    item ->> 'resolution' AS resolution, item ->> 'resolvedBy' AS resolved_by, item ->> 'note' AS note, item ->> 'refundNumber' AS refund_number
FROM (
    SELECT 'order' AS noun, o.key, o.open_work_items, items.value AS item
    FROM orders AS o, json_each(o.document, '$.workItems') AS items WHERE items.type = 'object'
    UNION ALL
    SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, items.value AS item
    FROM unclaimed_payments AS u, json_each(u.document, '$.workItems') AS items WHERE items.type = 'object'
    UNION ALL
    SELECT 'code' AS noun, c.key, c.open_work_items, items.value AS item
    FROM redemption_codes AS c, json_each(c.document, '$.workItems') AS items WHERE c.open_work_items > 0 AND items.type = 'object'
);
