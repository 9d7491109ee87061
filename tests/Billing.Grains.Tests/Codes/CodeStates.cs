using System.Text;
using Billing.Codes;
using static Billing.Tests.Codes.CodeSamples;

namespace Billing.Tests.Codes;

/// <summary>The part of <c>docs/states.md</c> about codes and batches: every command of each in every state, asked of the rules.</summary>
static class CodeStates
{
    sealed record Sample<TEvent>(string Name, DateTimeOffset Now, params TEvent[] History);

    sealed record Question<TCommand>(string Name, TCommand Command);

    static readonly CodeBatch Limited = Batch(LimitedTerms);
    static readonly CodeBatch Full = Batch(LimitedTerms, new PlaceTaken(Noon, "a"), new PlaceTaken(Noon, "b"));
    static readonly CodeBatch Windowed = Batch(Terms with { ValidFrom = Noon, ValidUntil = Noon.AddHours(1) });

    // Questions about a redemption are about Alice's first.
    static readonly Sample<CodeEvent>[] Codes =
    [
        new("not issued", Noon),
        new("ACTIVE", Noon, Issued),
        new("ACTIVE, given to Alice", Noon, Issued, Given),
        new("ACTIVE, partly used", Noon, IssuedForThree, ByAlice, Credited),
        new("REDEEMED, to be placed", Noon, Issued, ByAliceToBePlaced),
        new("ACTIVE, no place for it", Noon, Issued, ByAliceToBePlaced, new RedemptionRefused(Noon, AlicesId, LimitScope.Batch)),
        new("REDEEMED, to be credited", Noon, Issued, ByAlice),
        new("REDEEMED, 4 failures", Noon, [Issued, ByAlice, .. Enumerable.Repeat(new CreditDelayed(Noon, "NoAnswer", Noon), CodeRules.StuckAfter - 1)]),
        new("REDEEMED", Noon, Issued, ByAlice, Credited),
        new("REDEEMED, being reversed", Noon, Issued, ByAlice, Credited, Reversing),
        new("REDEEMED, reversed", Noon, Issued, ByAlice, Credited, Reversing, Reversed),
        new("DISABLED", Noon, Issued, Disabled),
        new("DISABLED, to be credited", Noon, IssuedForThree, ByAlice, Disabled),
    ];

    static readonly Question<CodeCommand>[] Redeeming =
    [
        new("by Alice", Redeem()),
        new("by Bob", Redeem(Bob)),
        new("batch counts", Redeem(Bob, Limited)),
        new("batch is full", Redeem(Bob, Full)),
        new("batch is disabled", Redeem(Bob, Batch(null, BatchEnds))),
        new("too early", Redeem(Bob, Batch(Terms with { ValidFrom = Noon.AddTicks(10) }))),
        new("in its window", Redeem(Bob, Windowed)),
        new("too late", Redeem(Bob, Batch(Terms with { ValidUntil = Noon }))),
        new("not eligible", Redeem(Bob, Batch(Terms with { Eligibility = [new AccountGroups(["staff"])] }))),
        new("account's places taken", Redeem(Bob, place: null)),
    ];

    static readonly Question<CodeCommand>[] Settling =
    [
        new("has its place", new RecordPlace(AlicesId, "alice", true, null)),
        new("no place left", new RecordPlace(AlicesId, "alice", false, LimitScope.Batch)),
        new("credited", new RecordCredited(AlicesId)),
        new("could not be settled", new RecordCreditFailure("NoAnswer")),
        new("taken back", new RecordReversal(AlicesId, Credits.Whole(6), Credits.Whole(4), 7)),
    ];

    static readonly Question<CodeCommand>[] Administering =
    [
        new("disable", new DisableCode(DisabledAs.OneCode, "Leaked.")),
        new("disable with its batch", new DisableCode(DisabledAs.WithBatch, null)),
        new("give", new AssignCode("alice", "order:1", "A gift.")),
        new("reverse Alice's", new BeginReversal(AlicesId, "key-1", "A mistake.")),
    ];

    static readonly CodeBatchTerms VanityTerms = Terms with { Count = 1, VanityKey = Key };

    static readonly Sample<CodeBatchEvent>[] Batches =
    [
        new("new key", Noon),
        new("ISSUING", Noon, Ordered),
        new("ISSUING, some stored", Noon, Ordered, new CodesIssued(Noon, 40)),
        new("ISSUED", Noon, Ordered, AllIssued),
        new("ISSUED, with places", Noon, Ordered with { Terms = LimitedTerms }, AllIssued, new PlaceTaken(Noon, "a")),
        new("ISSUED, full", Noon, Ordered with { Terms = LimitedTerms }, AllIssued, new PlaceTaken(Noon, "a"), new PlaceTaken(Noon, "b")),
        new("DISABLED, under way", Noon, Ordered, AllIssued, BatchEnds, new CodesDisabled(Noon, 50, 50, false)),
        new("DISABLED", Noon, Ordered, AllIssued, BatchEnds, new CodesDisabled(Noon, 100, 99, true)),
        new("refused", Noon, Ordered with { Terms = VanityTerms }, new BatchRefused(Noon, new VanityCodeTaken())),
    ];

    static readonly Question<CodeBatchCommand>[] Asked =
    [
        new("issue it", Order()),
        new("issue, window over", Order(Terms with { ValidUntil = Noon })),
        new("vanity is taken", new RecordVanityTaken()),
        new("60 are stored", new RecordIssued(60)),
        new("disable", new DisableBatch("admin:ada", "Over.")),
        new("60 are disabled", new RecordDisabled(60, 60, false)),
        new("all are disabled", new RecordDisabled(100, 99, true)),
        new("take a place", new TakePlace("c")),
        new("take it again", new TakePlace("a")),
        new("reveal", new RevealCodes(3)),
        new("export", new ExportCodes()),
    ];

    public static IEnumerable<Type> Commands => Redeeming.Concat(Settling).Concat(Administering).Select(question => question.Command.GetType())
        .Concat(Asked.Select(question => question.Command.GetType()));

    public static IEnumerable<CodeStatus> Statuses => Codes.Where(sample => sample.History.Length > 0).Select(sample => Fold(sample)!.Status);

    public static string Print()
    {
        var page = new StringBuilder("""

            # What a code says

            From `CodeRules`. A redemption is stored first, gets a place where its batch counts, and is credited then; what is owed is read from the document.

            | state | status | redeemed | left | owes | next look |
            | --- | --- | --- | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var sample in Codes.Skip(1))
        {
            var code = Fold(sample)!;
            page.Append(Row([
                sample.Name, CodeDocument.StoredStatus(code.Status), $"{code.Redemptions}", $"{code.Remaining}", Owed(code),
                Code.NextDeadline(code) is { } due ? due.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) : "·",
            ]));
        }

        return page.Append("\nRedeeming it:\n\n").Append(Table(Codes, Redeeming, CodeCell))
            .Append("\nWhat its batch and the account say of Alice's redemption:\n\n").Append(Table(Codes, Settling, CodeCell))
            .Append("\nWhat an administrator or the gateway asks:\n\n").Append(Table(Codes, Administering, CodeCell))
            .Append("\n# What a batch says\n\nFrom `CodeBatchRules`: a batch of 100 codes, and one with two places of its own.\n\n").Append(Table(Batches, Asked, BatchCell))
            .ToString();
    }

    static Code? Fold(Sample<CodeEvent> sample) => sample.History.Aggregate((Code?)null, Code.After);

    static string Owed(Code code) => code switch
    {
        { Placing.IsEmpty: false } => "a place",
        { Crediting.IsEmpty: false } => "the credit",
        { Reversing.IsEmpty: false } => "taking it back",
        _ => "·",
    };

    static string CodeCell(Sample<CodeEvent> sample, CodeCommand command) => Cell(CodeRules.Decide(Fold(sample), command, sample.Now));

    static string BatchCell(Sample<CodeBatchEvent> sample, CodeBatchCommand command) =>
        Cell(CodeBatchRules.Decide(sample.History.Aggregate((CodeBatch?)null, CodeBatch.After), command, sample.Now));

    static string Cell<TEvent, TError>(Decision<TEvent, TError> decision)
        where TError : class => decision switch
        {
            { Refusal: RedemptionLimitReached limit } => $"*RedemptionLimitReached {limit.Scope}*",
            { Refusal: { } refusal } => $"*{refusal.GetType().Name}*",
            { Events.Count: 0 } => "·",
            _ => string.Join("<br>", decision.Events.Select(Word)),
        };

    static string Word<TEvent>(TEvent happened) => happened is CodeRedeemed { NeedsPlace: true } ? "CodeRedeemed to be placed" : happened!.GetType().Name;

    static string Table<TEvent, TCommand>(Sample<TEvent>[] samples, Question<TCommand>[] questions, Func<Sample<TEvent>, TCommand, string> cell)
    {
        var table = new StringBuilder(Row(["", .. questions.Select(question => question.Name)]) + Row([.. Enumerable.Repeat("---", questions.Length + 1)]));
        foreach (var sample in samples) table.Append(Row([$"**{sample.Name}**", .. questions.Select(question => cell(sample, question.Command))]));
        return table.ToString();
    }

    static string Row(string[] cells) => $"| {string.Join(" | ", cells)} |\n";
}
