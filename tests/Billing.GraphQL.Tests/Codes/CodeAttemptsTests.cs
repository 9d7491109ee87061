using System.Diagnostics.Metrics;
using System.Reflection;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace Billing.GraphQL.Tests.Codes;

public sealed class CodeAttemptsTests
{
    static readonly CodeVault Vault = new([Key("new", 1), Key("old", 2)]);
    static readonly ClientInfo Client = new(null, null);

    readonly FakeTimeProvider time = new();
    readonly List<string> asked = [];

    [Theory]
    [InlineData("")]
    [InlineData("ABC")]
    [InlineData("ABCD-EFGH-JKMN-PQRS")]
    [InlineData("ＡＢＣＤ-EFGH-JKMN-PQR")]
    [InlineData("АBCD-EFGH-JKMN-PQRS")]
    [InlineData("' OR 1=1 --")]
    public async Task What_can_be_no_code_is_looked_up_nowhere(string typed)
    {
        var (answer, _) = await Try(typed, _ => "found");
        Assert.Null(answer.Answer);
        Assert.Empty(asked);
    }

    [Fact]
    public async Task A_code_is_looked_for_under_each_key_the_current_one_first()
    {
        var text = CodeText.ReadVanity("WELCOME26")!;
        var (answer, _) = await Try("welcome-26", key => key == Vault.KeysOf(text).Last() ? "found" : null);
        Assert.Equal("found", answer.Answer);
        Assert.Equal(Vault.KeysOf(text), asked);
    }

    [Theory]
    [InlineData("not even a code")]
    [InlineData("WELCOME26")]
    public async Task That_there_is_none_is_said_after_the_same_time(string typed)
    {
        var (answer, took) = await Try(typed, _ => null);
        Assert.Null(answer.Answer);
        Assert.InRange(took, new CodeSettings().NotFoundTime, TimeSpan.FromSeconds(5));
    }

    /// <summary>
    /// A disabled code is read, with its batch, and an unknown one looked for; when the database is slow both take longer than the least time, and not equally long.
    /// With a least time and no more the two would be told apart here.
    /// </summary>
    [Theory]
    [InlineData(0, 40, 1)]
    [InlineData(30, 90, 1)]
    [InlineData(110, 190, 2)]
    [InlineData(450, 420, 5)]
    public async Task A_mistyped_an_unknown_and_a_disabled_code_take_equally_long_on_a_slow_database_too(int unknown, int disabled, int steps)
    {
        var step = new CodeSettings().NotFoundTime;
        Assert.Equal(step, (await Try("' OR 1=1 --", _ => "never asked")).Took);
        Assert.Equal(step * steps, (await Try("WELCOME26", key => Slowly(unknown, key))).Took);
        Assert.Equal(step * steps, (await Try("WELCOME26", key => Slowly(disabled, key))).Took);

        string? Slowly(int milliseconds, string key)
        {
            // It is looked for under each of two keys.
            if (key == Vault.KeysOf(CodeText.ReadVanity("WELCOME26")!).First()) time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return null;
        }
    }

    [Fact]
    public async Task Who_tried_too_often_reaches_no_code_whatever_they_type()
    {
        var settings = new CodeSettings();
        for (var i = 0; i < settings.AttemptsOfAccount; i++) Assert.Null((await Try("WELCOME26", _ => null)).Answer.RetryAfter);
        asked.Clear();
        foreach (var typed in (string[])["WELCOME26", "' OR 1=1 --"])
        {
            var (answer, took) = await Try(typed, _ => throw new InvalidOperationException("It is asked."));
            Assert.Equal((null, true, TimeSpan.Zero), (answer.Answer, answer.RetryAfter > TimeSpan.Zero, took));
        }

        Assert.Empty(asked);
    }

    [Fact]
    public async Task Codes_that_are_there_and_refuse_are_tried_often_and_not_without_end()
    {
        var settings = new CodeSettings();
        for (var i = 0; i < settings.RefusalsOfAccount; i++) Assert.Equal("used up", (await Try("WELCOME26", _ => "used up", refuses: true)).Answer.Answer);
        asked.Clear();
        var limited = (await Try("WELCOME26", _ => "used up", refuses: true)).Answer;
        Assert.Equal((null, settings.RefusalRecovery), (limited.Answer, limited.RetryAfter));
        Assert.Empty(asked);
        time.Advance(settings.RefusalRecovery);
        for (var i = 0; i < 1_000; i++) Assert.Equal("redeemed", (await Try("WELCOME26", _ => "redeemed")).Answer.Answer);
    }

    [Fact]
    public async Task Who_loses_against_another_writer_asks_again()
    {
        var tries = 0;
        var (answer, _) = await Try("WELCOME26", _ => ++tries < 3 ? throw new InconsistentStateException() : "redeemed already");
        Assert.Equal("redeemed already", answer.Answer);
        tries = 0;
        await Assert.ThrowsAsync<InconsistentStateException>(() => Try("WELCOME26", _ => ++tries < 4 ? throw new InconsistentStateException() : "never"));
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task An_attempt_that_was_never_judged_is_given_back()
    {
        for (var i = 0; i < 100; i++) await Assert.ThrowsAsync<TimeoutException>(() => Try("WELCOME26", _ => throw new TimeoutException()));
    }

    async Task<(Attempted<string> Answer, TimeSpan Took)> Try(string typed, Func<string, string?> answer, bool refuses = false)
    {
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        ((Grains)(object)grains).Asked = asked;
        var options = Options.Create(new CodeSettings());
        using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var limits = limitsOnce ??= new AttemptLimits(options, time, meters.GetRequiredService<IMeterFactory>());
        var attempts = new CodeAttempts(Vault, grains, limits, options, time);
        var began = time.GetUtcNow();
        var trying = attempts.Try<string>("redeem", typed, "alice", Client, code => Task.FromResult(answer(((Code)(object)code).Key)), _ => refuses ? new Billing.Codes.CodeAlreadyRedeemed() : null, TestContext.Current.CancellationToken);
        while (!trying.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return (await trying, time.GetUtcNow() - began);
    }

    AttemptLimits? limitsOnce;

    static CodeKey Key(string id, byte filling) => new(id, [.. Enumerable.Repeat(filling, 32)]);

    /// <summary>Gives codes' grains, and remembers whose.</summary>
    public class Grains : DispatchProxy
    {
        public List<string> Asked { get; set; } = [];

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var grain = Create<ICodeGrain, Code>();
            ((Code)(object)grain).Key = (string)args![0]!;
            Asked.Add((string)args[0]!);
            return grain;
        }
    }

    /// <summary>A code's grain, which is asked nothing but its key here.</summary>
    public class Code : DispatchProxy
    {
        public string Key { get; set; } = "";

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => throw new InvalidOperationException("Nothing is asked.");
    }
}
