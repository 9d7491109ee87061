using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Billing.Storage.Sqlite;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Billing.Storage;

/// <summary>Runs one statement and maps its rows.</summary>
/// <exception cref="OutcomeUnknownException">The database went away; not of what is given row by row, which the driver's own exceptions leave.</exception>
sealed class Reader
{
    readonly Database database;

    static Reader()
    {
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.AddTypeHandler(new TimeHandler());
    }

    public Reader(Database database) => this.database = database;

    public Task<IReadOnlyList<T>> All<T>(string statement, object parameters, CancellationToken cancellation) => On<IReadOnlyList<T>>(
        async connection => (await connection.QueryAsync<T>(new CommandDefinition(database.Words(statement), parameters, cancellationToken: cancellation))).AsList(),
        cancellation);

    public Task<T?> One<T>(string statement, object parameters, CancellationToken cancellation) => On(
        connection => connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(database.Words(statement), parameters, cancellationToken: cancellation)),
        cancellation);

    /// <summary>The rows in which two columns together are one of these pairs; the pairs take the place of <c>/* pairs */</c> in the statement.</summary>
    public async Task<IReadOnlyList<T>> OfPairs<T>(string statement, IReadOnlyCollection<(object First, object Second)> pairs, CancellationToken cancellation)
    {
        if (pairs.Count == 0) return [];
        var (values, parameters) = (new StringBuilder(), new Dictionary<string, object>(StringComparer.Ordinal));
        foreach (var (first, second) in pairs)
        {
            var i = parameters.Count;
            values.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"(@p{i}, @p{i + 1})");
            parameters.Add(FormattableString.Invariant($"p{i}"), first);
            parameters.Add(FormattableString.Invariant($"p{i + 1}"), second);
        }

        return await All<T>(statement.Replace("/* pairs */", values.ToString(), StringComparison.Ordinal), parameters, cancellation);
    }

    /// <summary>Several statements that see the same moment.</summary>
    public Task Together(Func<DbConnection, DbTransaction, Task> read, CancellationToken cancellation) => On(
        async connection =>
        {
            await using var snapshot = await database.Snapshot(connection, cancellation);
            await read(connection, snapshot);
            return true;
        },
        cancellation);

    /// <summary>Row by row, none of them kept.</summary>
    public async IAsyncEnumerable<T> Stream<T>(string statement, object parameters, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(database.Words(statement), parameters, commandTimeout: 0, cancellationToken: cancellation));
        var map = reader.GetRowParser<T>();
        while (await reader.ReadAsync(cancellation)) yield return map(reader);
    }

    /// <summary>Row by row, each as its columns' values by name.</summary>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, object?>> Rows(string statement, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(statement, commandTimeout: 0, cancellationToken: cancellation));
        while (await reader.ReadAsync(cancellation))
        {
            var row = new Dictionary<string, object?>(reader.FieldCount, StringComparer.Ordinal);
            for (var i = 0; i < reader.FieldCount; i++) row.Add(reader.GetName(i), reader.GetValue(i));
            yield return row;
        }
    }

    async Task<T> On<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.Open(cancellation);
            return await read(connection);
        }
        catch (DbException fault) when (database.IsAway(fault))
        {
            throw Database.Away(fault);
        }
    }

    /// <summary>Moments go in and out as each database keeps them.</summary>
    sealed class TimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => value switch
        {
            DateTime time => new(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
            string text => SqliteTime.Time(text),
            _ => throw new DataException($"A {value.GetType()} is not a moment."),
        };

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = parameter is SqliteParameter ? SqliteTime.Text(value) : value.UtcDateTime;
    }
}

/// <summary>A row's document, as the readers map it.</summary>
sealed class DocumentRow
{
    public string Key { get; init; } = "";

    public string Document { get; init; } = "";

    public long Version { get; init; }

    public Versioned<T> Read<T>(DocumentKind kind)
        where T : class => new((T)kind.ReadState(Document), Version);
}
