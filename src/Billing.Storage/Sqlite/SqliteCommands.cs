using System.Text;
using Billing.Storage.Documents;
using Microsoft.Data.Sqlite;

namespace Billing.Storage.Sqlite;

/// <summary>A noun's two statements: the first version of a document, and every later one.</summary>
sealed class SqliteDocumentCommands : IDisposable
{
    readonly SqliteCommand insert;
    readonly SqliteCommand update;

    public SqliteDocumentCommands(SqliteConnection connection, DocumentKind kind, SqliteTransaction? transaction = null)
    {
        var names = new StringBuilder("key, version, document, next_deadline, shard");
        var values = new StringBuilder("@key, @version, @document, @nextDeadline, @shard");
        var replaced = new StringBuilder("version = @version, document = @document, next_deadline = @nextDeadline");
        for (var i = 0; i < kind.Columns.Count; i++)
        {
            names.Append(", ").Append(kind.Columns[i].Name);
            values.Append(", @column").Append(i);
            replaced.Append(", ").Append(kind.Columns[i].Name).Append(" = @column").Append(i);
        }

        insert = Command(connection, transaction, kind, $"INSERT INTO {kind.Table} ({names}) VALUES ({values}) ON CONFLICT (key) DO NOTHING");
        insert.Parameters.Add("@shard", SqliteType.Integer);
        insert.Prepare();
        update = Command(connection, transaction, kind, $"UPDATE {kind.Table} SET {replaced} WHERE key = @key AND version = @version - 1");
        update.Prepare();
    }

    /// <summary>Whether it was written: there was the version before it, or nothing before the first.</summary>
    public bool Write(PendingDocument write)
    {
        var command = write.Version == 1 ? insert : update;
        var parameters = command.Parameters;
        parameters[0].Value = write.Key;
        parameters[1].Value = write.Version;
        parameters[2].Value = Encoding.UTF8.GetString(write.Json.Span);
        parameters[3].Value = Value(write.NextDeadline);
        for (var i = 0; i < write.Columns.Count; i++) parameters[4 + i].Value = Value(write.Columns[i]);
        if (command == insert) parameters[^1].Value = write.Shard;
        return command.ExecuteNonQuery() == 1;
    }

    public void Dispose()
    {
        insert.Dispose();
        update.Dispose();
    }

    static SqliteCommand Command(SqliteConnection connection, SqliteTransaction? transaction, DocumentKind kind, string text)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        command.Parameters.Add("@key", SqliteType.Text);
        command.Parameters.Add("@version", SqliteType.Integer);
        command.Parameters.Add("@document", SqliteType.Text);
        command.Parameters.Add("@nextDeadline", SqliteType.Text);
        for (var i = 0; i < kind.Columns.Count; i++)
        {
            command.Parameters.Add("@column" + i, kind.Columns[i].Type == ColumnType.Long ? SqliteType.Integer : SqliteType.Text);
        }

        return command;
    }

    static object Value(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => SqliteTime.Text(time),
        _ => value,
    };
}

/// <summary>The statement that adds a row to the journal.</summary>
sealed class SqliteJournalCommand : IDisposable
{
    const string Text = """
        INSERT INTO journal (noun, key, version, ordinal, type, at, actor, reference, claim, data)
        VALUES (@noun, @key, @version, @ordinal, @type, @at, @actor, @reference, @claim, @data)
        """;

    readonly SqliteCommand command;

    public SqliteJournalCommand(SqliteConnection connection, SqliteTransaction? transaction = null)
    {
        command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Text;
        foreach (var name in new[] { "@noun", "@key", "@version", "@ordinal", "@type", "@at", "@actor", "@reference", "@claim", "@data" })
        {
            command.Parameters.Add(name, name is "@version" or "@ordinal" ? SqliteType.Integer : SqliteType.Text);
        }

        command.Prepare();
    }

    public void Write(PendingDocument write, int ordinal)
    {
        var entry = write.Entries[ordinal];
        var parameters = command.Parameters;
        parameters[0].Value = write.Kind.Noun;
        parameters[1].Value = write.Key;
        parameters[2].Value = write.Version;
        parameters[3].Value = ordinal;
        parameters[4].Value = entry.Type;
        parameters[5].Value = SqliteTime.Text(entry.At);
        parameters[6].Value = entry.Actor;
        parameters[7].Value = (object?)entry.Reference ?? DBNull.Value;
        parameters[8].Value = (object?)entry.Claim ?? DBNull.Value;
        parameters[9].Value = Encoding.UTF8.GetString(entry.Data.Span);
        command.ExecuteNonQuery();
    }

    public void Dispose() => command.Dispose();
}
