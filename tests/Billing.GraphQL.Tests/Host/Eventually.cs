namespace Billing.GraphQL.Tests;

static class Eventually
{
    /// <summary>Waits until it is so; fails after a time that nothing here takes.</summary>
    public static async Task Is(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
