using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Billing.Channels;

namespace Billing.Reconciliations;

/// <summary>By what a day was compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReconciliationSource>))]
public enum ReconciliationSource
{
    /// <summary>The provider was asked about each payment and refund.</summary>
    Queries,

    /// <summary>The provider's bill of the day, and questions about what it does not explain.</summary>
    Bill,
}

/// <summary>How far a comparison is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReconciliationPhase>))]
public enum ReconciliationPhase
{
    /// <summary>The bill is being fetched.</summary>
    Bill,

    /// <summary>What the bill says is looked for here.</summary>
    Lines,

    /// <summary>The orders whose money moved on the day are looked for there.</summary>
    Day,

    /// <summary>The orders that were not finished are looked for there.</summary>
    Unfinished,

    /// <summary>It is done.</summary>
    Done,
}

/// <summary>What was compared, in one currency and in minor units. What was not compared is in none of them.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="ReceivedHere">Money that came, by our books.</param>
/// <param name="ReceivedThere">Money that came, by the provider's.</param>
/// <param name="RefundedHere">Money that went back, by our books.</param>
/// <param name="RefundedThere">Money that went back, by the provider's.</param>
public sealed record ReconciledSums(string Currency, long ReceivedHere, long ReceivedThere, long RefundedHere, long RefundedThere);

/// <summary>The positions of the journal that everything of a day lies after and up to.</summary>
/// <param name="After">After this one.</param>
/// <param name="UpTo">Up to and with this one.</param>
public sealed record JournalReach(long After, long UpTo);

/// <summary>A day of one payment method: how the comparison with the provider's records goes, or went.</summary>
/// <param name="MethodId">Which method.</param>
/// <param name="Day">Which day.</param>
/// <param name="From">From when on.</param>
/// <param name="To">Before when.</param>
/// <param name="Round">How often the day was compared, from 1.</param>
/// <param name="RequestedBy">Who asked for it: the service itself, or an administrator.</param>
/// <param name="Source">By what.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="StartedAt">When it began.</param>
public sealed record Reconciliation(
    string MethodId, DateOnly Day, DateTimeOffset From, DateTimeOffset To, int Round, string RequestedBy, ReconciliationSource Source, ReconciliationPhase Phase,
    DateTimeOffset StartedAt)
{
    /// <summary>The most differences that a report lists; all are counted.</summary>
    public const int MaxDifferences = 200;

    /// <summary>When it was done.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How many orders were looked at.</summary>
    public long Orders { get; init; }

    /// <summary>How many payments and refunds agreed.</summary>
    public long Agreed { get; init; }

    /// <summary>How many differed, and the order took the provider's word.</summary>
    public long Healed { get; init; }

    /// <summary>How many differ, and a person must look.</summary>
    public long Differing { get; init; }

    /// <summary>How many the provider said nothing of.</summary>
    public long NotCompared { get; init; }

    /// <summary>How many differences were found, those that are not listed too.</summary>
    public long Found { get; init; }

    /// <summary>The first of them.</summary>
    public ImmutableArray<Difference> Differences { get; init; } = [];

    /// <summary>The sums, by currency.</summary>
    public ImmutableArray<ReconciledSums> Sums { get; init; } = [];

    /// <summary>The journal's positions that the day lies between; null until they are known.</summary>
    public JournalReach? Reach { get; init; }

    /// <summary>How far the journal, or the bill, was read.</summary>
    public long Position { get; init; }

    /// <summary>The last of the unfinished orders that were looked at.</summary>
    public string Key { get; init; } = "";

    /// <summary>Until when it rests, because the provider does not answer; null when it does not.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>Since when the provider has answered nothing; null when it has.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>How often it has rested where it is.</summary>
    public int Rests { get; init; }

    /// <summary>Whether it is done.</summary>
    [JsonIgnore]
    public bool IsDone => Phase == ReconciliationPhase.Done;

    /// <summary>How much of it is done, from 0 to 1, as far as can be said.</summary>
    [JsonIgnore]
    public double Progress => (Phase, Reach) switch
    {
        (ReconciliationPhase.Done, _) => 1,
        (ReconciliationPhase.Unfinished, _) => 0.95,
        (ReconciliationPhase.Day, { After: var after, UpTo: var upTo }) when upTo > after => 0.2 + (0.75 * (Position - after) / (upTo - after)),
        (ReconciliationPhase.Day, _) => 0.2,
        (ReconciliationPhase.Lines, _) => 0.1,
        _ => 0,
    };

    /// <summary>The report with one more thing that was compared.</summary>
    /// <param name="finding">What was found.</param>
    /// <param name="end">What became of it, when it is a difference.</param>
    /// <param name="order">Of which order; null when there is none.</param>
    /// <param name="paymentNumber">The payment's number at the provider.</param>
    public Reconciliation With(Finding finding, DifferenceEnd? end, string? order, string paymentNumber)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var next = this with { Sums = Add(Sums, finding) };
        return (finding, end) switch
        {
            (Finding.Agreed, _) => next with { Agreed = Agreed + 1 },
            (Finding.Differs differs, DifferenceEnd.Healed) => next.With(differs, DifferenceEnd.Healed, order, paymentNumber) with { Healed = Healed + 1 },
            (Finding.Differs differs, { } other) => next.With(differs, other, order, paymentNumber) with { Differing = Differing + 1 },
            _ => next with { NotCompared = NotCompared + 1 },
        };
    }

    /// <summary>The report with one more difference in its list.</summary>
    public Reconciliation With(Difference difference) => this with
    {
        Found = Found + 1,
        Differences = Differences.Length < MaxDifferences ? Differences.Add(difference) : Differences,
    };

    Reconciliation With(Finding.Differs differs, DifferenceEnd end, string? order, string paymentNumber) =>
        With(new(differs.Kind, end, order, paymentNumber, differs.RefundNumber, differs.TransactionId, differs.Here, differs.There));

    static ImmutableArray<ReconciledSums> Add(ImmutableArray<ReconciledSums> sums, Finding finding)
    {
        if (finding is Finding.Unanswered) return sums;
        sums = Add(sums, finding.Here, sum => finding.RefundNumber is null
            ? sum with { ReceivedHere = sum.ReceivedHere + finding.Here!.Value.MinorUnits }
            : sum with { RefundedHere = sum.RefundedHere + finding.Here!.Value.MinorUnits });
        return Add(sums, finding.There, sum => finding.RefundNumber is null
            ? sum with { ReceivedThere = sum.ReceivedThere + finding.There!.Value.MinorUnits }
            : sum with { RefundedThere = sum.RefundedThere + finding.There!.Value.MinorUnits });
    }

    static ImmutableArray<ReconciledSums> Add(ImmutableArray<ReconciledSums> sums, Money? amount, Func<ReconciledSums, ReconciledSums> add)
    {
        if (amount is not { } some) return sums;
        var known = sums.FirstOrDefault(sum => sum.Currency == some.Currency);
        return known is null ? sums.Add(add(new(some.Currency, 0, 0, 0, 0))) : sums.Replace(known, add(known));
    }
}

/// <summary>How a reconciliation is written down.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Reconciliation))]
[JsonSerializable(typeof(BillLine))]
[JsonSerializable(typeof(IReadOnlyList<BillLine>))]
public sealed partial class ReconciliationJson : JsonSerializerContext;
