-- What a noun may hold only once over all of its keys: the places of a limit that spans documents.
ALTER TABLE journal ADD COLUMN claim text;
CREATE UNIQUE INDEX journal_claim ON journal (noun, claim) WHERE claim IS NOT NULL;

-- A batch of redemption codes: what they grant, to whom, how often.
CREATE TABLE code_batches (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    status           text NOT NULL,
    name             text NOT NULL,
    created_at       text NOT NULL
) STRICT;

-- Lists never show refused batches: they were never issued.
CREATE INDEX code_batches_newest ON code_batches (created_at DESC, key DESC) WHERE status <> 'REFUSED';
CREATE INDEX code_batches_due ON code_batches (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- Redemption codes. The key is a keyed hash of the code, the document holds it encrypted: a copy of this table redeems nothing.
CREATE TABLE redemption_codes (
    key              text NOT NULL PRIMARY KEY,
    version          integer NOT NULL,
    document         text NOT NULL,
    next_deadline    text,
    shard            integer NOT NULL,
    batch_id         text NOT NULL,
    ordinal          integer NOT NULL,
    status           text NOT NULL,
    redemptions      integer NOT NULL,
    redeemed_by      text,
    redeemed_at      text,
    assigned_to      text,
    open_work_items  integer NOT NULL
) STRICT;

-- A batch has each of its codes once, also when two activations issue it; and its codes come in this order.
CREATE UNIQUE INDEX redemption_codes_of_batch ON redemption_codes (batch_id, ordinal);
-- Filters by status, and counts a batch without reading its codes.
CREATE INDEX redemption_codes_by_status ON redemption_codes (batch_id, status, ordinal, redemptions);
CREATE INDEX redemption_codes_assigned ON redemption_codes (batch_id, ordinal) WHERE assigned_to IS NOT NULL;
CREATE INDEX redemption_codes_with_work ON redemption_codes (key) WHERE open_work_items > 0;
CREATE INDEX redemption_codes_due ON redemption_codes (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- An account redeems as itself, so the actor is whose redemption it is.
CREATE INDEX journal_redemptions ON journal (actor, position) WHERE noun = 'code' AND type = 'CodeRedeemed';

-- Who redeemed which code, those refused by a limit of the batch left out; with the reversal, where there was one.
CREATE VIEW redemptions AS
SELECT redeemed.position, redeemed.key AS code_key, redeemed.version, redeemed.ordinal, redeemed.at, redeemed.actor, redeemed.reference, redeemed.data,
    reversed.at AS reversed_at, reversed.data AS reversed_data
FROM journal AS redeemed
LEFT JOIN journal AS reversed
    ON reversed.noun = 'code' AND reversed.key = redeemed.key AND reversed.reference = 'reversed:' || (redeemed.data ->> 'id')
WHERE redeemed.noun = 'code' AND redeemed.type = 'CodeRedeemed'
    AND NOT EXISTS (
        SELECT 1 FROM journal AS refused
        WHERE refused.noun = 'code' AND refused.key = redeemed.key AND refused.reference = 'refused:' || (redeemed.data ->> 'id')
    );

DROP VIEW work_items;

-- What needs, or needed, a person's decision. Ask with open_work_items > 0 for what is open: that is what the indexes hold.
-- A code shows only what is open: there may be a million codes, and what was resolved is in their journals.
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
    UNION ALL
    SELECT 'code' AS noun, c.key, c.open_work_items, items.value AS item
    FROM redemption_codes AS c, json_each(c.document, '$.workItems') AS items WHERE c.open_work_items > 0 AND items.type = 'object'
);
