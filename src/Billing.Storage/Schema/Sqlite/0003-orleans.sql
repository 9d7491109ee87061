-- What Orleans' ADO.NET providers need for housekeeping state and reminders: the statements that they read from OrleansQuery at start, and tables of
-- our own for them. The names of the keys, the parameters (@…) and the result columns are the providers'; everything else is ours. There is no
-- membership here: SQLite serves one process.

CREATE TABLE OrleansQuery (
    QueryKey   text NOT NULL PRIMARY KEY,
    QueryText  text NOT NULL
);

-- Housekeeping grains' state.
CREATE TABLE orleans_storage (
    id_hash      integer NOT NULL,
    type_hash    integer NOT NULL,
    id_n0        integer NOT NULL,
    id_n1        integer NOT NULL,
    type_name    text NOT NULL,
    service_id   text NOT NULL,
    extension    text NOT NULL,
    payload      blob,
    version      integer NOT NULL,
    PRIMARY KEY (id_hash, type_hash, id_n0, id_n1, type_name, service_id, extension)
);

-- WriteToStorageKey is one statement: a first write inserts, a later one needs the row with its version, and whoever finds neither gets no row back.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', '
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_storage
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '''')
'),
('WriteToStorageKey', '
INSERT INTO orleans_storage (id_hash, type_hash, id_n0, id_n1, type_name, service_id, extension, payload, version)
SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, @ServiceId, coalesce(@GrainIdExtensionString, ''''), @PayloadBinary,
    coalesce(@GrainStateVersion, 0) + 1
WHERE @GrainStateVersion IS NULL OR EXISTS (
    SELECT 1 FROM orleans_storage
    WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
        AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, ''''))
ON CONFLICT DO UPDATE SET payload = excluded.payload, version = excluded.version
WHERE orleans_storage.version = excluded.version - 1
RETURNING version AS NewGrainStateVersion
'),
('ClearStorageKey', '
UPDATE orleans_storage
SET payload = NULL, version = version + 1
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '''')
    AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
'),
('DeleteStorageKey', '
DELETE FROM orleans_storage
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '''')
    AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
');

-- Reminders: the few that make sure the sweeps run.
CREATE TABLE orleans_reminders (
    service_id  text NOT NULL,
    grain_id    text NOT NULL,
    name        text NOT NULL,
    starts_at   text NOT NULL,
    period_ms   integer NOT NULL,
    grain_hash  integer NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (service_id, grain_id, name)
);

CREATE INDEX orleans_reminders_range ON orleans_reminders (service_id, grain_hash);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadReminderRowsKey', '
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId
'),
('ReadReminderRowKey', '
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName
'),
('ReadRangeRows1Key', '
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
'),
('ReadRangeRows2Key', '
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
'),
('UpsertReminderRowKey', '
INSERT INTO orleans_reminders (service_id, grain_id, name, starts_at, period_ms, grain_hash, version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (service_id, grain_id, name) DO UPDATE
SET starts_at = excluded.starts_at, period_ms = excluded.period_ms, grain_hash = excluded.grain_hash, version = orleans_reminders.version + 1
RETURNING version AS Version
'),
('DeleteReminderRowKey', '
DELETE FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName AND version = @Version;
SELECT changes()
'),
('DeleteReminderRowsKey', '
DELETE FROM orleans_reminders WHERE service_id = @ServiceId
');
