namespace Billing.Storage;

/// <summary>A row of the journal, as the readers map it.</summary>
sealed class JournalRow
{
    public string Key { get; init; } = "";

    public long Version { get; init; }

    public long Ordinal { get; init; }

    public string Type { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public string Actor { get; init; } = "";

    public string Data { get; init; } = "";
}
