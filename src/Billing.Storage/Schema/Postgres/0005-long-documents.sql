-- A document of more than two kilobytes was compressed and moved out of its row with each write: an account with forty buckets cost three times as much to
-- write as it does inside the row. Up to eight kilobytes stay in it; what is longer is compressed by the quicker method, where the server has it.
ALTER TABLE orders SET (toast_tuple_target = 8160);
ALTER TABLE accounts SET (toast_tuple_target = 8160);

DO $body$
BEGIN
    ALTER TABLE orders ALTER COLUMN document SET COMPRESSION lz4;
    ALTER TABLE accounts ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'This server was built without lz4.';
END
$body$;
