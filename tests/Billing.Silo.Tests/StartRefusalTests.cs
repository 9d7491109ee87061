using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Tests;

public sealed class StartRefusalTests
{
    [Fact]
    public void What_the_settings_are_to_blame_for_is_said_in_their_words()
    {
        Assert.Equal("Set it.", StartRefusal.Why(new SetupException("Set it.")));
        Assert.Equal("Too long.", StartRefusal.Why(new OptionsValidationException("", typeof(object), ["Too long."])));
        Assert.Equal("Set it.\nAnd that.", StartRefusal.Why(new AggregateException(new SetupException("Set it."), new SetupException("And that."))));
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Billing:Cluster:SiloPort", "many")]).Build();
        Assert.Contains("Billing:Cluster:SiloPort", StartRefusal.Why(Assert.Throws<InvalidOperationException>(() => settings.GetValue("Billing:Cluster:SiloPort", 1))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_is_not_to_be_had_is_named()
    {
        Assert.Contains("ASPNETCORE_URLS", StartRefusal.Why(new IOException("Failed to bind.", new AddressInUseException("In use."))), StringComparison.Ordinal);
        Assert.Contains("Billing:Cluster:SiloPort", StartRefusal.Why(new AddressInUseException("In use.")), StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", StartRefusal.Why(new SocketException((int)SocketError.AccessDenied)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_of_ours_keeps_its_stack_trace()
    {
        Exception[] unforeseen =
        [
            new InvalidOperationException("Sequence contains no elements"), new IOException("Broken."), new SocketException((int)SocketError.ConnectionReset),
            new AggregateException(new SetupException("Set it."), new InvalidOperationException("Broken.")), new AggregateException(),
        ];
        Assert.All(unforeseen, fault => Assert.Null(StartRefusal.Why(fault)));
    }

    [Fact]
    public async Task The_command_gives_its_own_exit_code_or_that_of_a_refusal()
    {
        Assert.Equal(3, await StartRefusal.Instead(2, () => Task.FromResult(3)));
        Assert.Equal(2, await StartRefusal.Instead(2, () => throw new SetupException("Set it.")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartRefusal.Instead(2, () => throw new InvalidOperationException()));
    }
}
