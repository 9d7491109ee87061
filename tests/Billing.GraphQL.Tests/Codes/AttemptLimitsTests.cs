using System.Diagnostics.Metrics;
using System.Net;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Billing.GraphQL.Engine;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Billing.GraphQL.Tests.Codes;

/// <summary>How often codes can be tried that are none.</summary>
public sealed class AttemptLimitsTests
{
    static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    readonly FakeTimeProvider time = new();
    readonly CodeSettings settings = new() { AttemptsOfAccount = 3, AccountRecovery = TimeSpan.FromSeconds(6), AttemptsOfAddress = 5, AddressRecovery = TimeSpan.FromSeconds(1) };

    [Fact]
    public void An_account_that_failed_too_often_waits_for_exactly_one_recovery()
    {
        var limits = Limits();
        for (var i = 0; i < 3; i++) Fail(limits, "alice", null);
        Assert.Null(limits.Take("alice", null, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(6), wait);
        time.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.Null(limits.Take("alice", null, out wait));
        Assert.Equal(TimeSpan.FromTicks(1), wait);
        time.Advance(TimeSpan.FromTicks(1));
        Fail(limits, "alice", null);
        Assert.Null(limits.Take("alice", null, out _));
        // After a long time it has as many as at first, and no more.
        time.Advance(TimeSpan.FromDays(30));
        for (var i = 0; i < 3; i++) Fail(limits, "alice", null);
        Assert.Null(limits.Take("alice", null, out _));
    }

    [Fact]
    public void Who_tries_what_is_a_code_is_never_refused()
    {
        var limits = Limits();
        for (var i = 0; i < 1_000; i++)
        {
            var attempt = limits.Take("alice", Home, out _);
            Assert.NotNull(attempt);
            attempt.Succeeded();
        }
    }

    [Fact]
    public void Refusals_of_codes_that_are_there_are_an_accounts_own_and_give_its_attempt_back()
    {
        (settings.RefusalsOfAccount, settings.RefusalRecovery) = (10, TimeSpan.FromSeconds(2));
        var limits = Limits();
        for (var i = 0; i < 10; i++) limits.Take("alice", Home, out _)!.Refused();
        Assert.Null(limits.Take("alice", Home, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(2), wait);
        // Neither who shares the address nor what the account may try otherwise has less for it.
        for (var i = 0; i < 10; i++) limits.Take("bob", Home, out _)!.Refused();
        time.Advance(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 3; i++) Fail(limits, "alice", null);
    }

    [Fact]
    public void Attempts_that_are_under_way_count_until_they_are_given_back()
    {
        var limits = Limits();
        var underWay = Enumerable.Range(0, 3).Select(_ => limits.Take("alice", null, out var _)!).ToList();
        Assert.Null(limits.Take("alice", null, out _));
        underWay[0].Succeeded();
        Assert.NotNull(limits.Take("alice", null, out _));
        Assert.Null(limits.Take("alice", null, out _));
    }

    [Fact]
    public void What_has_come_back_by_itself_is_not_given_back_once_more()
    {
        var limits = Limits();
        var slow = limits.Take("alice", null, out _)!;
        time.Advance(TimeSpan.FromSeconds(6));
        for (var i = 0; i < 3; i++) Fail(limits, "alice", null);
        slow.Succeeded();
        Assert.Null(limits.Take("alice", null, out _));
    }

    [Fact]
    public void An_address_is_charged_for_failures_whoever_failed()
    {
        var limits = Limits();
        for (var i = 0; i < 5; i++) Fail(limits, $"account {i}", Home);
        Assert.Null(limits.Take("one more", Home, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        Assert.NotNull(limits.Take("one more", IPAddress.Parse("192.0.2.2"), out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(limits.Take("one more", Home, out _));
    }

    [Fact]
    public void A_network_of_IPv6_is_one_address_and_a_mapped_address_is_the_one_it_maps()
    {
        var limits = Limits();
        for (var i = 0; i < 5; i++) Fail(limits, $"account {i}", IPAddress.Parse($"2001:db8:1:2::{i + 1}"));
        Assert.Null(limits.Take("one more", IPAddress.Parse("2001:db8:1:2:ffff::1"), out _));
        Assert.NotNull(limits.Take("one more", IPAddress.Parse("2001:db8:1:3::1"), out _));
        for (var i = 0; i < 5; i++) Fail(limits, $"another {i}", Home);
        Assert.Null(limits.Take("last", Home.MapToIPv6(), out _));
    }

    [Fact]
    public void Failures_beyond_what_there_is_are_paid_off_before_the_next_attempt_and_within_an_hour()
    {
        var limits = Limits();
        var atOnce = Enumerable.Range(0, 10_000).Select(i => limits.Take($"account {i}", Home, out var _)).OfType<AttemptLimits.Attempt>().ToList();
        foreach (var attempt in atOnce) attempt.Failed();
        Assert.Null(limits.Take("one more", Home, out var wait));
        Assert.InRange(wait, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task Of_many_attempts_at_the_same_moment_as_many_are_taken_as_there_are()
    {
        var limits = Limits();
        var taken = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => limits.Take("alice", null, out var _) is not null)));
        Assert.Equal(3, taken.Count(was => was));
    }

    [Fact]
    public void However_many_names_fail_the_memory_stays_the_same_and_few_others_are_refused()
    {
        var allowances = new Allowances(3, TimeSpan.FromSeconds(6), TimeSpan.Zero, time);
        var size = allowances.Size;
        for (var i = 0; i < 10_000; i++)
            for (var n = 0; n < 3; n++) allowances.Take($"guesser {i}", out _);
        Assert.Equal(size, allowances.Size);
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(allowances.Wait($"guesser {i}") > TimeSpan.Zero));
        // Both of somebody's slots are exhausted with a chance of about one in fifty.
        var refused = Enumerable.Range(0, 1_000).Count(i => allowances.Wait($"buyer {i}") > TimeSpan.Zero);
        Assert.InRange(refused, 0, 60);
    }

    static void Fail(AttemptLimits limits, string account, IPAddress? address)
    {
        var attempt = limits.Take(account, address, out _);
        Assert.NotNull(attempt);
        attempt.Failed();
    }

    AttemptLimits Limits() => new(Options.Create(settings), time, new Meters());

    sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
