using System.Text;
using System.Text.Json.Nodes;
using Billing.Storage.Verify;

namespace Billing.Silo.Verify;

/// <summary>Looks at documents of a noun and at what led to them, one after the other. Memory must not grow with how many there are, nor with how much happened to one.</summary>
interface IHistoryCheck
{
    /// <summary>A document's history begins.</summary>
    void Begins(string key)
    {
    }

    /// <summary>The next event of it. Some documents have millions.</summary>
    ValueTask Happened(object @event) => ValueTask.CompletedTask;

    /// <summary>The history's end, and what it folds to.</summary>
    ValueTask Ends(string key, object state) => ValueTask.CompletedTask;

    /// <summary>That was the last one.</summary>
    ValueTask Over() => ValueTask.CompletedTask;
}

/// <summary>For a noun that nothing else is asked of.</summary>
sealed class FoldOnly : IHistoryCheck;

/// <summary>Folding a document's journal gives the document.</summary>
static class FoldVerification
{
    /// <summary>Checks every document of a noun, shows its history to the check, and says how many there are.</summary>
    public static async Task<long> Run(DocumentKind kind, JournalReader journal, IHistoryCheck check, VerifyReport report)
    {
        long documents = 0;
        StoredRow? stored = null;
        object? state = null;
        var (key, version) = ("", 0L);
        await foreach (var row in journal.Read(kind))
        {
            if (row.Key != key)
            {
                await End();
                (key, version, stored, state) = (row.Key, 0, null, null);
                check.Begins(key);
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
                    // The unique indexes guard what these columns say.
                    if (entry.Reference != kind.Reference(happened) || entry.Claim != kind.Claim(happened))
                        report.Differs(kind.Noun, key, $"its {entry.Type} of version {entry.Version} stands under another reference or claim than its own.");
                    state = kind.After(state, happened);
                    await check.Happened(happened);
                    break;
            }
        }

        await End();
        await check.Over();
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
                var folded = Encoding.UTF8.GetString(kind.WriteState(state).Span);
                // What was written is written the same again, unless an older version wrote it.
                if (stored.Json != folded && !JsonNode.DeepEquals(WithoutNulls(stored.Json), WithoutNulls(folded)))
                    report.Differs(kind.Noun, key, "its document is not what its journal says.");
                await check.Ends(key, state);
            }
        }
    }

    // What is nothing was once written as null.
    static JsonNode? WithoutNulls(string json) => WithoutNulls(JsonNode.Parse(json));

    static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject named => new JsonObject(named.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, WithoutNulls(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };
}
