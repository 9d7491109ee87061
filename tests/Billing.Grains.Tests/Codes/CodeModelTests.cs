using System.Globalization;
using CsCheck;

namespace Billing.Tests.Codes;

/// <summary>
/// A code is redeemed as often as it says and credited once for each time, whatever happens: random worlds of three codes and three accounts, in which requests
/// interleave and processes die between any two awaits. A failure prints the shortest story that was found; its seed repeats it.
/// </summary>
public class CodeModelTests
{
    // How often a deed is drawn. Redeeming and its troubles are what the model is about.
    static readonly (int Weight, CodeDeed Deed)[] Weights =
    [
        (14, CodeDeed.Redeem), (16, CodeDeed.Step), (8, CodeDeed.Finish), (1, CodeDeed.Preview), (1, CodeDeed.Disable), (1, CodeDeed.DisableBatch), (2, CodeDeed.Give), (2, CodeDeed.Reverse),
        (1, CodeDeed.Spend), (4, CodeDeed.Wait), (4, CodeDeed.Wake), (2, CodeDeed.Crash), (3, CodeDeed.WriteFault), (3, CodeDeed.NeighbourFault), (1, CodeDeed.ManyOthers),
    ];

    static readonly Gen<CodeAct> AnyAct =
        Gen.Select(Gen.Frequency([.. Weights.Select(weighted => (weighted.Weight, (IGen<CodeDeed>)Gen.Const(weighted.Deed)))]), Gen.Int[0, 11], Gen.Int[0, 11])
        .Select(drawn => new CodeAct(drawn.Item1, drawn.Item2, drawn.Item3));

    static readonly Gen<CodeWorldSettings> AnySettings = Gen.Select(Gen.Int[1, 3], Gen.Int[1, 2], Gen.Int[-2, 4], Gen.Bool, Gen.Int[0, 7])
        .Select(drawn => new CodeWorldSettings(drawn.Item1, drawn.Item2, drawn.Item3 < 1 ? null : drawn.Item3, drawn.Item4, drawn.Item5 == 0, drawn.Item5 is 1 or 2));

    static readonly Gen<(CodeWorldSettings Settings, CodeAct[] Acts)> AnyStory = Gen.Select(AnySettings, AnyAct.Array[0, 60]);

    static long Sequences =>
        long.TryParse(Environment.GetEnvironmentVariable("BILLING_MODEL_SEQUENCES"), CultureInfo.InvariantCulture, out var count) ? count / 4 : 50_000;

    [Fact]
    public void Every_code_is_redeemed_as_often_as_it_says_and_every_redemption_is_credited_once() =>
        AnyStory.Sample(story => Live(story.Settings, story.Acts, CodeMutant.None), iter: Sequences, print: Print);

    /// <summary>Each guard that is taken out lets something happen that must not.</summary>
    [Theory]
    [InlineData(CodeMutant.NoClaims)]
    [InlineData(CodeMutant.NoReferences)]
    [InlineData(CodeMutant.CountsThenInserts)]
    [InlineData(CodeMutant.CreditsWithoutReference)]
    [InlineData(CodeMutant.ForgetsPlaces)]
    [InlineData(CodeMutant.AnswersFromThePast)]
    [InlineData(CodeMutant.DisablesWithoutWaiting)]
    [InlineData(CodeMutant.ReversesWhatWaits)]
    [InlineData(CodeMutant.IgnoresVersions)]
    [InlineData(CodeMutant.CreditsFirst)]
    internal void The_model_notices_a_guard_that_is_taken_out(CodeMutant mutant) =>
        Noticed.InSomeStory(AnyStory, story => Live(story.Settings, story.Acts, mutant));

    static void Live(CodeWorldSettings settings, CodeAct[] acts, CodeMutant mutant)
    {
        var world = new CodeWorld(settings, mutant);
        foreach (var act in acts) world.Do(act);
        world.Heal();
        world.AssertPromises();
    }

    static string Print((CodeWorldSettings Settings, CodeAct[] Acts) story) => $"{story.Settings}\n{string.Join(' ', story.Acts)}";
}
