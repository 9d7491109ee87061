using System.Text.Json;
using Billing.Storage.Documents;
using Dapper;

namespace Billing.Storage.Audit;

/// <summary>Keeps what administrators did that changed no document: what they exported, what they handed on again. Added, never changed.</summary>
public sealed class ActStore
{
    internal const string Add = """
        INSERT INTO acts (at, actor, noun, key, type, data)
        VALUES (@at, @actor, @noun, @key, @type, /* data */)
        """;

    readonly Database database;

    internal ActStore(Database database) => this.database = database;

    /// <summary>Writes an act down, before it is done: what it says was asked for, and the log says how it ended.</summary>
    /// <param name="at">When.</param>
    /// <param name="actor">Who.</param>
    /// <param name="noun">On what kind of thing.</param>
    /// <param name="key">On which; empty for all of them.</param>
    /// <param name="type">What; stored, so it never follows a rename.</param>
    /// <param name="data">What else there is to say, by name.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task Write(
        DateTimeOffset at, Actor actor, string noun, string key, string type, IReadOnlyDictionary<string, string?> data, CancellationToken cancellation)
    {
        var parameters = new
        {
            at,
            actor = StorableText.Checked(actor.Name, "actor"),
            noun,
            key = StorableText.Checked(key, "key"),
            type,
            data = StorableText.CheckedJson(JsonSerializer.Serialize(data), "act"),
        };
        await database.Transact(
            (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
                Add.Replace("/* data */", database.Words("@data::json", "@data"), StringComparison.Ordinal), parameters, transaction, cancellationToken: cancellation)),
            cancellation);
    }
}
