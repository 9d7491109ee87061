-- What a noun may hold only once over all of its keys: the places of a limit that spans documents.
ALTER TABLE journal ADD COLUMN claim text COLLATE "C";
CREATE UNIQUE INDEX journal_claim ON journal (noun, claim) WHERE claim IS NOT NULL;

-- A batch of redemption codes: what they grant, to whom, how often.
CREATE TABLE code_batches (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    status           text COLLATE "C" NOT NULL,
    name             text COLLATE "C" NOT NULL,
    created_at       timestamptz NOT NULL
) WITH (fillfactor = 80);

-- Lists never show refused batches: they were never issued.
CREATE INDEX code_batches_newest ON code_batches (created_at DESC, key DESC) WHERE status <> 'REFUSED';
CREATE INDEX code_batches_due ON code_batches (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

-- Redemption codes. The key is a keyed hash of the code, the document holds it encrypted: a copy of this table redeems nothing.
CREATE TABLE redemption_codes (
    key              text COLLATE "C" PRIMARY KEY,
    version          bigint NOT NULL,
    document         json NOT NULL,
    next_deadline    timestamptz,
    shard            bigint NOT NULL,
    batch_id         text COLLATE "C" NOT NULL,
    ordinal          bigint NOT NULL,
    status           text COLLATE "C" NOT NULL,
    redemptions      bigint NOT NULL,
    redeemed_by      text COLLATE "C",
    redeemed_at      timestamptz,
    assigned_to      text COLLATE "C",
    open_work_items  bigint NOT NULL
) WITH (fillfactor = 80);

-- A batch has each of its codes once, also when two activations issue it; and its codes come in this order.
CREATE UNIQUE INDEX redemption_codes_of_batch ON redemption_codes (batch_id, ordinal);
-- Filters by status, and counts a batch without reading its codes.
CREATE INDEX redemption_codes_by_status ON redemption_codes (batch_id, status, ordinal, redemptions);
CREATE INDEX redemption_codes_assigned ON redemption_codes (batch_id, ordinal) WHERE assigned_to IS NOT NULL;
CREATE INDEX redemption_codes_with_work ON redemption_codes (key) WHERE open_work_items > 0;
CREATE INDEX redemption_codes_due ON redemption_codes (next_deadline, key, shard) WHERE next_deadline IS NOT NULL;

CREATE TRIGGER document_begins_with_one AFTER INSERT ON code_batches
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();
CREATE TRIGGER document_begins_with_one AFTER INSERT ON redemption_codes
    FOR EACH ROW WHEN (NEW.version <> 1) EXECUTE FUNCTION document_begins_with_one();

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
CREATE VIEW work_items AS
SELECT 'order' AS noun, o.key, o.open_work_items, item ->> 'id' AS id, item ->> 'kind' AS kind, item ->> 'detail' AS detail,
    (item ->> 'openedAt')::timestamptz AS opened_at, (item ->> 'resolvedAt')::timestamptz AS resolved_at
FROM orders AS o
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(o.document -> 'workItems') WHEN 'array' THEN o.document -> 'workItems' ELSE '[]' END) AS item
UNION ALL
SELECT 'unclaimed-payment' AS noun, u.key, u.open_work_items, item ->> 'id', item ->> 'kind', item ->> 'detail',
    (item ->> 'openedAt')::timestamptz, (item ->> 'resolvedAt')::timestamptz
FROM unclaimed_payments AS u
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(u.document -> 'workItems') WHEN 'array' THEN u.document -> 'workItems' ELSE '[]' END) AS item
UNION ALL
SELECT 'code' AS noun, c.key, c.open_work_items, item ->> 'id', item ->> 'kind', item ->> 'detail',
    (item ->> 'openedAt')::timestamptz, (item ->> 'resolvedAt')::timestamptz
FROM redemption_codes AS c
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(c.document -> 'workItems') WHEN 'array' THEN c.document -> 'workItems' ELSE '[]' END) AS item
WHERE c.open_work_items > 0;
