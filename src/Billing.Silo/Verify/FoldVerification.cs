using System.Text.Json.Nodes;
using Billing.Storage.Verify;

namespace Billing.Silo.Verify;

/// <summary>A document's whole history.</summary>
/// <param name="Key">Whose.</param>
/// <param name="State">What its events fold to.</param>
/// <param name="Events">Its events, in order.</param>
sealed record History(string Key, object State, IReadOnlyList<object> Events);

/// <summary>Folding a document's journal gives the document.</summary>
static class FoldVerification
{
    /// <summary>Checks every document of a noun, hands its history on, and says how many there are.</summary>
    public static async Task<long> Run(DocumentKind kind, JournalReader journal, Func<History, Task> check, VerifyReport report)
    {
        long documents = 0;
        StoredRow? stored = null;
        object? state = null;
        var events = new List<object>();
        var (key, version) = ("", 0L);
        await foreach (var row in journal.Read(kind))
        {
            if (row.Key != key)
            {
                await End();
                (key, version, stored, state) = (row.Key, 0, null, null);
                events.Clear();
            }

            switch (row)
            {
                case StoredRow document:
                    documents++;
                    stored = document;
                    break;
                case EventRow entry:
                    if (entry.Version != version && (entry.Version != version + 1 || entry.Ordinal != 0))
                        report.Differs(kind.Noun, key, $"its journal goes from version {version} to {entry.Version}, {entry.Ordinal}.");
                    version = entry.Version;
                    var happened = kind.ReadEvent(entry.Type, entry.Data);
                    state = kind.After(state, happened);
                    events.Add(happened);
                    break;
            }
        }

        await End();
        return documents;

        async Task End()
        {
            if (key.Length == 0) return;
            if (stored is null)
            {
                report.Differs(kind.Noun, key, "it has a journal and no document.");
            }
            else if (state is null)
            {
                report.Differs(kind.Noun, key, "it has a document and no journal.");
            }
            else
            {
                if (stored.Version != version) report.Differs(kind.Noun, key, $"its document has version {stored.Version}, its journal {version}.");
                if (!JsonNode.DeepEquals(JsonNode.Parse(stored.Json), JsonNode.Parse(kind.WriteState(state))))
                    report.Differs(kind.Noun, key, "its document is not what its journal says.");
                await check(new(key, state, events));
            }
        }
    }
}
