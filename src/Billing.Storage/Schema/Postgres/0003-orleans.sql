-- What Orleans' ADO.NET providers need: the statements that they read from OrleansQuery at start, and tables of our own for them.
-- The names of the keys, the parameters (@…) and the result columns are the providers'; everything else is ours. Each first write has a primary key
-- to break, which makes it a conflict and never a second row.

CREATE TABLE OrleansQuery (
    QueryKey   varchar(64) PRIMARY KEY,
    QueryText  varchar(8000) NOT NULL
);

-- Housekeeping grains' state. The hashes come first: the planner would otherwise scan the prefix that all rows share.
CREATE TABLE orleans_storage (
    id_hash      integer NOT NULL,
    type_hash    integer NOT NULL,
    id_n0        bigint NOT NULL,
    id_n1        bigint NOT NULL,
    type_name    text COLLATE "C" NOT NULL,
    service_id   text COLLATE "C" NOT NULL,
    extension    text COLLATE "C" NOT NULL,
    payload      bytea,
    version      integer NOT NULL,
    modified_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id_hash, type_hash, id_n0, id_n1, type_name, service_id, extension)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', $sql$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_storage
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '')
$sql$),
('WriteToStorageKey', $sql$
WITH replaced AS (
    UPDATE orleans_storage
    SET payload = @PayloadBinary, version = version + 1, modified_at = now()
    WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
        AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '')
        AND version = @GrainStateVersion
    RETURNING version
), added AS (
    INSERT INTO orleans_storage (id_hash, type_hash, id_n0, id_n1, type_name, service_id, extension, payload, version)
    SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, @ServiceId, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version
)
SELECT version AS NewGrainStateVersion FROM replaced UNION ALL SELECT version FROM added
$sql$),
('ClearStorageKey', $sql$
UPDATE orleans_storage
SET payload = NULL, version = version + 1, modified_at = now()
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '')
    AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$sql$),
('DeleteStorageKey', $sql$
DELETE FROM orleans_storage
WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
    AND type_name = @GrainTypeString AND service_id = @ServiceId AND extension = coalesce(@GrainIdExtensionString, '')
    AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$sql$);

-- Reminders: the few that make sure the sweeps run.
CREATE TABLE orleans_reminders (
    service_id  text COLLATE "C" NOT NULL,
    grain_id    text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    starts_at   timestamptz NOT NULL,
    period_ms   bigint NOT NULL,
    grain_hash  integer NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (service_id, grain_id, name)
);

-- Each silo reads its range of hashes.
CREATE INDEX orleans_reminders_range ON orleans_reminders (service_id, grain_hash);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadReminderRowsKey', $sql$
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId
$sql$),
('ReadReminderRowKey', $sql$
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName
$sql$),
('ReadRangeRows1Key', $sql$
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$sql$),
('ReadRangeRows2Key', $sql$
SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$sql$),
('UpsertReminderRowKey', $sql$
INSERT INTO orleans_reminders AS reminder (service_id, grain_id, name, starts_at, period_ms, grain_hash, version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (service_id, grain_id, name) DO UPDATE
SET starts_at = excluded.starts_at, period_ms = excluded.period_ms, grain_hash = excluded.grain_hash, version = reminder.version + 1
RETURNING version AS Version
$sql$),
('DeleteReminderRowKey', $sql$
WITH gone AS (
    DELETE FROM orleans_reminders
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName AND version = @Version
    RETURNING 1
)
SELECT count(*) FROM gone
$sql$),
('DeleteReminderRowsKey', $sql$
DELETE FROM orleans_reminders WHERE service_id = @ServiceId
$sql$);

-- Membership. Every change of a member moves the cluster's version on by one, in the same statement; who finds another version changes nothing.
CREATE TABLE orleans_clusters (
    cluster_id  text COLLATE "C" PRIMARY KEY,
    version     integer NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orleans_members (
    cluster_id     text COLLATE "C" NOT NULL REFERENCES orleans_clusters,
    address        text COLLATE "C" NOT NULL,
    port           integer NOT NULL,
    generation     integer NOT NULL,
    silo_name      text NOT NULL,
    host_name      text NOT NULL,
    status         integer NOT NULL,
    proxy_port     integer NOT NULL,
    suspect_times  text,
    started_at     timestamptz NOT NULL,
    alive_at       timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $sql$
WITH made AS (
    INSERT INTO orleans_clusters (cluster_id, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) FROM made
$sql$),
('InsertMembershipKey', $sql$
WITH moved AS (
    UPDATE orleans_clusters AS cluster
    SET version = cluster.version + 1, changed_at = now()
    WHERE cluster.cluster_id = @DeploymentId AND cluster.version = @Version AND NOT EXISTS (
        SELECT FROM orleans_members AS member
        WHERE member.cluster_id = @DeploymentId AND member.address = @Address AND member.port = @Port AND member.generation = @Generation)
    RETURNING cluster.cluster_id
), added AS (
    INSERT INTO orleans_members (cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, started_at, alive_at)
    SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM moved
    RETURNING 1
)
SELECT count(*) FROM added
$sql$),
('UpdateMembershipKey', $sql$
WITH moved AS (
    UPDATE orleans_clusters AS cluster
    SET version = cluster.version + 1, changed_at = now()
    WHERE cluster.cluster_id = @DeploymentId AND cluster.version = @Version AND EXISTS (
        SELECT FROM orleans_members AS member
        WHERE member.cluster_id = @DeploymentId AND member.address = @Address AND member.port = @Port AND member.generation = @Generation)
    RETURNING cluster.cluster_id
), changed AS (
    UPDATE orleans_members AS member
    SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
    FROM moved
    WHERE member.cluster_id = moved.cluster_id AND member.address = @Address AND member.port = @Port AND member.generation = @Generation
    RETURNING 1
)
SELECT count(*) FROM changed
$sql$),
('UpdateIAmAlivetimeKey', $sql$
UPDATE orleans_members SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$sql$),
('MembershipReadRowKey', $sql$
SELECT cluster.cluster_id AS DeploymentId, member.address AS Address, member.port AS Port, member.generation AS Generation,
    member.silo_name AS SiloName, member.host_name AS HostName, member.status AS Status, member.proxy_port AS ProxyPort,
    member.suspect_times AS SuspectTimes, member.started_at AS StartTime, member.alive_at AS IAmAliveTime, cluster.version AS Version
FROM orleans_clusters AS cluster
LEFT JOIN orleans_members AS member
    ON member.cluster_id = cluster.cluster_id AND member.address = @Address AND member.port = @Port AND member.generation = @Generation
WHERE cluster.cluster_id = @DeploymentId
$sql$),
('MembershipReadAllKey', $sql$
SELECT cluster.cluster_id AS DeploymentId, member.address AS Address, member.port AS Port, member.generation AS Generation,
    member.silo_name AS SiloName, member.host_name AS HostName, member.status AS Status, member.proxy_port AS ProxyPort,
    member.suspect_times AS SuspectTimes, member.started_at AS StartTime, member.alive_at AS IAmAliveTime, cluster.version AS Version
FROM orleans_clusters AS cluster
LEFT JOIN orleans_members AS member ON member.cluster_id = cluster.cluster_id
WHERE cluster.cluster_id = @DeploymentId
$sql$),
('GatewaysQueryKey', $sql$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM orleans_members
WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$sql$),
('DeleteMembershipTableEntriesKey', $sql$
WITH gone AS (DELETE FROM orleans_members WHERE cluster_id = @DeploymentId RETURNING 1)
DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId AND (SELECT count(*) FROM gone) >= 0
$sql$),
-- 3 is an active silo: whoever still says that it is alive stays.
('CleanupDefunctSiloEntriesKey', $sql$
DELETE FROM orleans_members WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$sql$);
