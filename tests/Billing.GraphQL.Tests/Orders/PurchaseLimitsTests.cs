using System.Net;
using Billing.GraphQL.Orders;
using Microsoft.Extensions.Time.Testing;

namespace Billing.GraphQL.Tests.Orders;

public sealed class PurchaseLimitsTests
{
    static readonly Viewer Alice = new("alice", "alice", false, false, [], null);
    static readonly ClientInfo Here = new(IPAddress.Loopback, null);

    readonly FakeTimeProvider time = new();
    readonly PurchaseLimits limits;

    public PurchaseLimitsTests() => limits = new(new() { PurchasesAtOnce = 3, PurchaseRecovery = TimeSpan.FromSeconds(2) }, time);

    [Fact]
    public async Task An_account_places_so_many_at_once_and_then_one_at_a_time()
    {
        for (var n = 0; n < 3; n++) Assert.Null(await Ask(PurchaseLimits.Orders));
        var refused = await Ask(PurchaseLimits.Orders);
        Assert.Equal(TimeSpan.FromSeconds(2), refused?.RetryAfter);
        Assert.Equal("Too many orders were placed at once. Nothing was done; try again in 2 s.", refused?.Message);
        // What was refused took nothing.
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await Ask(PurchaseLimits.Orders));
        Assert.NotNull(await Ask(PurchaseLimits.Orders));
        Assert.Null(await Ask(PurchaseLimits.Orders, viewer: Alice with { Subject = "bob", AccountId = "bob" }));
    }

    [Fact]
    public async Task Who_has_placed_too_many_can_still_pay_for_them()
    {
        Assert.Null(await Ask(PurchaseLimits.Orders, 3));
        Assert.NotNull(await Ask(PurchaseLimits.Orders));
        Assert.Null(await Ask(PurchaseLimits.Payments));
    }

    [Fact]
    public async Task Several_in_one_request_are_taken_together_or_not_at_all()
    {
        Assert.Null(await Ask(PurchaseLimits.Payments, 2));
        Assert.Equal(TimeSpan.FromSeconds(2), (await Ask(PurchaseLimits.Payments, 2))?.RetryAfter);
        Assert.Null(await Ask(PurchaseLimits.Payments));
    }

    [Fact]
    public async Task More_than_there_ever_are_is_no_question_of_time()
    {
        var refused = await Ask(PurchaseLimits.Orders, 4);
        Assert.NotNull(refused);
        Assert.Null(refused.RetryAfter);
        Assert.Null(await Ask(PurchaseLimits.Orders, 3));
    }

    [Fact]
    public async Task Administrators_and_services_are_not_counted()
    {
        foreach (var viewer in new[] { Alice with { IsAdministrator = true }, Alice with { IsService = true } })
            for (var n = 0; n < 10; n++) Assert.Null(await Ask(PurchaseLimits.Orders, viewer: viewer));
    }

    [Fact]
    public async Task A_refusal_is_in_the_buyers_language()
    {
        Assert.Null(await Ask(PurchaseLimits.Orders, 3));
        var refused = await limits.Ask(new(PurchaseLimits.Orders, 1, Alice, Here with { AcceptLanguage = "zh-Hans" }), TestContext.Current.CancellationToken);
        Assert.Equal("下单过于频繁，本次未执行任何操作，请 2 秒后再试。", refused?.Message);
    }

    ValueTask<FieldRefusal?> Ask(string kind, int count = 1, Viewer? viewer = null) => limits.Ask(new(kind, count, viewer ?? Alice, Here), TestContext.Current.CancellationToken);
}
