DROP VIEW work_items;

-- The list of all orders holds whether they have a refund, too: it is filtered by that.
DROP INDEX orders_newest;
CREATE INDEX orders_newest ON orders (created_at DESC, key DESC, account_id, status, payment_status, plan_slug, method_id, currency, amount_minor, refund_status)
    WHERE status <> 'REFUSED';

-- Which orders need a person, or ever needed one: few of them, so that work that is done is found without reading all orders. Hosts of
-- the version before, which may still run, know of what is open alone.
ALTER TABLE orders ADD COLUMN all_work_items integer NOT NULL DEFAULT 0;
UPDATE orders SET all_work_items = json_array_length(document, '$.workItems') WHERE json_array_length(document, '$.workItems') > 0;
DROP INDEX orders_with_work;
CREATE INDEX orders_with_work ON orders (open_work_items, key) WHERE all_work_items > 0 OR open_work_items > 0;

-- What needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes begin with, or hold.
-- A code shows only what is open: there may be a million codes, and what was resolved is in their journals.
-- In documents a UTC time has as many digits after the second as it needs; here it gets the six that columns have.
CREATE VIEW work_items AS
SELECT noun, key, open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    substr(item ->> 'openedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'openedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS opened_at,
    substr(item ->> 'resolvedAt', 1, 19) || '.' || substr(rtrim(substr(item ->> 'resolvedAt', 21), '+:0Z') || '000000', 1, 6) || 'Z' AS resolved_at,
    item ->> 'resolution' AS resolution, item ->> 'resolvedBy' AS resolved_by, item ->> 'note' AS note, item ->> 'refundNumber' AS refund_number
FROM (
    SELECT 'order' AS noun, o.key, o.open_work_items, items.value AS item
    FROM orders AS o, json_each(o.document, '$.workItems') AS items WHERE (o.all_work_items > 0 OR o.open_work_items > 0) AND items.type = 'object'
    UNION ALL
    SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, items.value AS item
    FROM unclaimed_payments AS u, json_each(u.document, '$.workItems') AS items WHERE items.type = 'object'
    UNION ALL
    SELECT 'code' AS noun, c.key, c.open_work_items, items.value AS item
    FROM redemption_codes AS c, json_each(c.document, '$.workItems') AS items WHERE c.open_work_items > 0 AND items.type = 'object'
);
