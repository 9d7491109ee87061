using System.Data.Common;
using System.Globalization;
using System.Reflection;
using DbUp.Builder;
using DbUp.Engine.Output;
using Microsoft.Extensions.Logging;

namespace Billing.Storage;

/// <summary>The scripts in <c>Schema/</c>, applied once each and in the order of their names.</summary>
sealed partial class SchemaScripts
{
    /// <summary>What Orleans' persistence and reminders read from <c>OrleansQuery</c>.</summary>
    public static readonly IReadOnlyList<string> SqliteQueryKeys =
    [
        "ReadFromStorageKey", "WriteToStorageKey", "ClearStorageKey", "DeleteStorageKey",
        "ReadReminderRowsKey", "ReadReminderRowKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "UpsertReminderRowKey", "DeleteReminderRowKey", "DeleteReminderRowsKey",
    ];

    /// <summary>The same, and what its clustering reads.</summary>
    public static readonly IReadOnlyList<string> PostgresQueryKeys =
    [
        .. SqliteQueryKeys,
        "InsertMembershipVersionKey", "InsertMembershipKey", "UpdateMembershipKey", "UpdateIAmAlivetimeKey", "MembershipReadRowKey", "MembershipReadAllKey",
        "GatewaysQueryKey", "DeleteMembershipTableEntriesKey", "CleanupDefunctSiloEntriesKey",
    ];

    // What goes through millions of documents takes longer than a database's driver waits by itself.
    static readonly TimeSpan LongestStatement = TimeSpan.FromHours(1);

    /// <summary>Applies what is missing. The caller holds the lock.</summary>
    /// <exception cref="SetupException">A script failed; it was rolled back.</exception>
    public static void Run(UpgradeEngineBuilder upgrade, string dialect, ILogger<SchemaScripts> logger)
    {
        var prefix = $"{typeof(SchemaScripts).Namespace}.Schema.{dialect}.";
        var result = upgrade
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => name.StartsWith(prefix, StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithExecutionTimeout(LongestStatement)
            .WithVariablesDisabled()
            .LogTo(new Log(logger))
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new SetupException($"The schema script {result.ErrorScript?.Name ?? "(none)"} failed: {result.Error.Message}", result.Error);
        }
    }

    /// <summary>Orleans reads its statements when the silo starts, and a missing one shows late and darkly; so it is looked for here.</summary>
    /// <exception cref="SetupException">One is missing.</exception>
    public static async Task CheckOrleansQueries(DbConnection connection, IReadOnlyList<string> needed, CancellationToken cancellation)
    {
        var missing = new HashSet<string>(needed, StringComparer.Ordinal);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT QueryKey FROM OrleansQuery";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) missing.Remove(reader.GetString(0));
        if (missing.Count > 0)
        {
            throw new SetupException(
                $"The table OrleansQuery lacks {string.Join(", ", missing.Order(StringComparer.Ordinal))}: the silo could not start. Was the schema changed by hand?");
        }
    }

    /// <summary>DbUp's log lines as ours.</summary>
    sealed partial class Log(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Write(LogLevel.Trace, null, format, args);

        public void LogDebug(string format, params object[] args) => Write(LogLevel.Debug, null, format, args);

        public void LogInformation(string format, params object[] args) => Write(LogLevel.Information, null, format, args);

        public void LogWarning(string format, params object[] args) => Write(LogLevel.Warning, null, format, args);

        public void LogError(string format, params object[] args) => Write(LogLevel.Error, null, format, args);

        public void LogError(Exception ex, string format, params object[] args) => Write(LogLevel.Error, ex, format, args);

        void Write(LogLevel level, Exception? exception, string format, object[] args)
        {
            if (!logger.IsEnabled(level)) return;
            var text = args is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, format, args) : format;
            Line(level, exception, text);
        }

        [LoggerMessage(Message = "Schema: {Text}")]
        partial void Line(LogLevel level, Exception? exception, string text);
    }
}
