-- Documents of different nouns can be written in one transaction or not at all. Whoever is told that it was not all says whose document was not as expected.
CREATE FUNCTION not_all_written(table_name text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Not all documents of % were written.', table_name USING ERRCODE = 'BL003', TABLE = table_name;
END
$body$;

CREATE OR REPLACE FUNCTION document_begins_with_one() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% % has no version %.', TG_TABLE_NAME, NEW.key, NEW.version - 1 USING ERRCODE = 'BL002', TABLE = TG_TABLE_NAME;
END
$body$;
