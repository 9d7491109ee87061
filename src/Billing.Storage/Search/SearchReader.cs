using Billing.Codes;
using Billing.Storage.Codes;

namespace Billing.Storage.Search;

/// <summary>What support looks for by a part of its name: each source has an index for it, and gives no more than is asked for.</summary>
public sealed class SearchReader
{
    /// <summary>Numbers are ASCII, so that everything that begins with the text lies before the text and DEL.</summary>
    internal const string OrdersByPrefix = """
        SELECT key FROM orders WHERE key >= @prefix AND key < @end AND status <> 'REFUSED'
        ORDER BY key LIMIT @limit
        """;

    /// <summary>By the provider's number for the money or for the payment. The conditions are those of the two partial indexes.</summary>
    internal const string OrdersByReference = """
        SELECT key FROM (
            SELECT key FROM journal
            WHERE noun = 'order' AND type IN ('PaymentReceived', 'PaymentHeld', 'PaymentDuplicated') AND (data ->> 'transactionId') = @reference
            UNION
            SELECT key FROM journal
            WHERE noun = 'order' AND type IN ('PaymentStarted', 'PaymentPrepared') AND (data -> 'checkout' ->> 'providerReference') IS NOT NULL
                AND (data -> 'checkout' ->> 'providerReference') = @reference
        ) AS found
        LIMIT @limit
        """;

    internal const string CodesByTail = """
        SELECT key, document, version FROM redemption_codes
        WHERE (document ->> 'tail') = @tail
        ORDER BY key LIMIT @limit
        """;

    /// <summary>Names are compared without case; what begins with a text lies before the text and the last of all characters.</summary>
    internal const string BatchesByName = """
        SELECT key, document, version FROM code_batches
        WHERE status <> 'REFUSED' AND lower(name) >= @prefix AND lower(name) < @end
        ORDER BY lower(name), key LIMIT @limit
        """;

    readonly Reader reader;

    internal SearchReader(Database database) => reader = new(database);

    /// <summary>The numbers of orders that begin with this.</summary>
    public Task<IReadOnlyList<string>> OrdersBeginning(string prefix, int limit, CancellationToken cancellation) =>
        reader.All<string>(OrdersByPrefix, new { prefix, end = prefix + "\x7f", limit }, cancellation);

    /// <summary>The numbers of the orders that a provider knows a payment or a movement of money of by this.</summary>
    public Task<IReadOnlyList<string>> OrdersOfReference(string reference, int limit, CancellationToken cancellation) =>
        reader.All<string>(OrdersByReference, new { reference, limit }, cancellation);

    /// <summary>The codes that end with these four characters.</summary>
    public async Task<IReadOnlyList<Code>> CodesEnding(string tail, int limit, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(CodesByTail, new { tail, limit }, cancellation);
        return [.. rows.Select(row => row.Read<Code>(CodeDocument.Kind).State)];
    }

    /// <summary>The batches whose name begins with this, whatever the case of its ASCII letters.</summary>
    public async Task<IReadOnlyList<Versioned<CodeBatch>>> BatchesNamed(string beginning, int limit, CancellationToken cancellation)
    {
        var prefix = CodeBatchReader.Lower(beginning);
        var rows = await reader.All<DocumentRow>(BatchesByName, new { prefix, end = prefix + "\U0010FFFF", limit }, cancellation);
        return [.. rows.Select(row => row.Read<CodeBatch>(CodeBatchDocument.Kind))];
    }
}
