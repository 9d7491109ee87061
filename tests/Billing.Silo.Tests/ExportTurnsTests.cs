using Billing.Silo.Exports;
using Microsoft.AspNetCore.Http;

namespace Billing.Silo.Tests;

public sealed class ExportTurnsTests
{
    [Fact]
    public async Task Who_comes_when_all_turns_are_taken_is_told_when_to_come_again_and_gets_the_next_that_ends()
    {
        var turns = new ExportTurns();
        var taken = new List<IDisposable>();
        for (var i = 0; i < ExportTurns.Most; i++) taken.Add((await turns.Take(new DefaultHttpContext().Response))!);
        Assert.All(taken, Assert.NotNull);

        var late = new DefaultHttpContext().Response;
        Assert.Null(await turns.Take(late));
        Assert.Equal((StatusCodes.Status503ServiceUnavailable, "30"), (late.StatusCode, late.Headers.RetryAfter.ToString()));

        // A turn ends once, however often it is said.
        taken[0].Dispose();
        taken[0].Dispose();
        using var next = await turns.Take(new DefaultHttpContext().Response);
        Assert.NotNull(next);
        Assert.Null(await turns.Take(new DefaultHttpContext().Response));
    }
}
