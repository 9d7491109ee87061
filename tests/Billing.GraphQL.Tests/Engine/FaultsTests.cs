using Billing.GraphQL.Engine;
using Orleans.Storage;

namespace Billing.GraphQL.Tests.Engine;

public sealed class FaultsTests
{
    /// <summary>What is thrown, and what who reads and who changes something is told.</summary>
    public static TheoryData<Exception, string, string> Known => new()
    {
        { new OutcomeUnknownException("the pool at 10.0.0.7"), ErrorCodes.TryAgain, ErrorCodes.OutcomeUnknown },
        { new InconsistentStateException("the pool at 10.0.0.7"), ErrorCodes.TryAgain, ErrorCodes.OutcomeUnknown },
        { new TimeoutException("the pool at 10.0.0.7"), ErrorCodes.TryAgain, ErrorCodes.OutcomeUnknown },
        { new StoreBusyException("the pool at 10.0.0.7"), ErrorCodes.TryAgain, ErrorCodes.TryAgain },
        { new InvalidOperationException("the pool at 10.0.0.7"), ErrorCodes.Internal, ErrorCodes.Internal },
        { new FormatException("the pool at 10.0.0.7", new ArgumentException("the pool at 10.0.0.7")), ErrorCodes.Internal, ErrorCodes.Internal },
    };

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public async Task An_exception_is_shown_as_its_code_and_nothing_else(Exception exception, string read, string changed)
    {
        await using var host = await TestHost.Start();
        host.Get<FailingPart>().Fail = _ => throw exception;
        foreach (var (document, code) in new[] { ("query MyCode4711 { code4711: answer }", read), ("mutation { code4711: slow }", changed) })
        {
            var answer = await host.Ask(document);
            Assert.Equal((200, code), (answer.Status, answer.Code));
            Assert.Equal("code4711", answer.Json.GetProperty("errors")[0].GetProperty("path")[0].GetString());
            Assert.Equal("code", Assert.Single(answer.Json.GetProperty("errors")[0].GetProperty("extensions").EnumerateObject()).Name);
            Assert.DoesNotContain("10.0.0.7", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_log_line_names_the_field_and_carries_nothing_that_a_client_typed()
    {
        await using var host = await TestHost.Start();
        host.Get<FailingPart>().Fail = _ => throw new FormatException("cannot read 'SECRET-CODE-1'");
        await host.Ask("query SecretCode2 { SECRETCODE3: answer }");
        var line = Assert.Single(host.Log.Lines, line => line.Contains("INTERNAL", StringComparison.Ordinal));
        Assert.Contains("Query.answer: System.FormatException", line, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains("secret", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_fault_of_the_request_is_shown_as_it_is()
    {
        await using var host = await TestHost.Start();
        host.Get<FailingPart>().Fail = _ => throw new BadRequestFault("BAD_MONTH", "There is no month 13.");
        var answer = await host.Ask("{answer}");
        Assert.Equal(("BAD_MONTH", "There is no month 13."), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task An_outcome_that_is_unknown_comes_with_what_to_do()
    {
        await using var host = await TestHost.Start();
        host.Get<FailingPart>().Fail = _ => throw new OutcomeUnknownException();
        Assert.Contains("same idempotency key", (await host.Ask("mutation{slow}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_nobody_translated_is_masked_all_the_same()
    {
        var shown = new ErrorInfo().GetInfo(new global::GraphQL.Execution.UnhandledError("Error trying to resolve field 'x'.", new FormatException("details")));
        Assert.Equal(Faults.InternalMessage, shown.Message);
        Assert.Equal(ErrorCodes.Internal, Assert.Single(shown.Extensions!).Value);
    }
}
