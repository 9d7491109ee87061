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

    async Task<(Attempted<string> Answer, TimeSpan Took)> Try(string typed, Func<string, string?> answer)
    {
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        ((Grains)(object)grains).Asked = asked;
        var options = Options.Create(new CodeSettings());
        using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var limits = limitsOnce ??= new AttemptLimits(options, time, meters.GetRequiredService<IMeterFactory>());
        var attempts = new CodeAttempts(Vault, grains, limits, options, time);
        var began = time.GetUtcNow();
        var trying = attempts.Try<string>("redeem", typed, "alice", Client, code => Task.FromResult(answer(((Code)(object)code).Key)), _ => null, TestContext.Current.CancellationToken);
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
