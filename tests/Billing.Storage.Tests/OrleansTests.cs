using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Storage;

namespace Billing.Storage.Tests;

/// <summary>Orleans' own providers over our statements, in real silos.</summary>
public sealed class OrleansTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Housekeeping_and_reminders_survive_a_restart(bool onPostgres)
    {
        var options = await Options(onPostgres);
        using (var silo = await Silo(options))
        {
            var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(3);
            await grain.Note(0, false);
            await grain.Note(7, true);
            await grain.Remind("first", TimeSpan.FromHours(1));
            await grain.Remind("second", TimeSpan.FromHours(1));
            await grain.Remind("first", TimeSpan.FromHours(2));
            Assert.Equal(["first", "second"], await grain.Reminders());
            await silo.StopAsync(Cancellation);
        }

        using (var silo = await Silo(options))
        {
            var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(3);
            Assert.Equal((7, true), await grain.Noted());
            await grain.Note(0, false);
            Assert.Equal(["first", "second"], await grain.Reminders());
            await grain.Forget("first");
            Assert.Equal(["second"], await grain.Reminders());
            await silo.StopAsync(Cancellation);
        }

        using (var silo = await Silo(options))
        {
            var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(3);
            // Zeros and falses come back, and not what the properties begin with.
            Assert.Equal((0, false), await grain.Noted());
            Assert.Equal((99, true), await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(4).Noted());
            await grain.Clear();
            await silo.StopAsync(Cancellation);
        }

        using (var silo = await Silo(options))
        {
            Assert.Equal((99, true), await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(3).Noted());
            await silo.StopAsync(Cancellation);
        }
    }

    /// <summary>Without the primary key both first writes succeed, and the grain never loads again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_first_writes_of_housekeeping_one_wins(bool onPostgres)
    {
        using var silo = await Silo(await Options(onPostgres));
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(StorageRegistration.Housekeeping);
        for (var round = 0; round < 20; round++)
        {
            var id = GrainId.Create(GrainType.Create("housekeeper"), GrainIdKeyExtensions.CreateIntegerKey(1_000 + round));
            var states = Enumerable.Range(0, 4).Select(i => new GrainState<Notes>(new() { Number = i })).ToArray();
            var wins = await Task.WhenAll(states.Select(async state =>
            {
                try
                {
                    await storage.WriteStateAsync("notes", id, state);
                    return true;
                }
                catch (InconsistentStateException)
                {
                    return false;
                }
            }));
            Assert.Equal(1, wins.Count(won => won));
            var winner = states[Array.IndexOf(wins, true)];
            var read = new GrainState<Notes>(new());
            await storage.ReadStateAsync("notes", id, read);
            Assert.Equal((winner.ETag, winner.State!.Number), (read.ETag, read.State!.Number));
            await storage.WriteStateAsync("notes", id, winner);
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("notes", id, read));
        }

        await silo.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Silos_find_each_other_through_PostgreSQL()
    {
        var options = await Options(onPostgres: true);
        using var first = await Silo(options);
        using var second = await Silo(options);
        var management = first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        await Until(hosts => hosts == 2);
        var silos = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            second.Services.GetRequiredService<IGrainFactory>().GetGrain<IHousekeeper>(i).Where()));
        Assert.Equal(2, silos.Distinct().Count());
        await second.StopAsync(Cancellation);
        await Until(hosts => hosts == 1);
        await first.StopAsync(Cancellation);

        async Task Until(Func<int, bool> condition)
        {
            while (!condition((await management.GetHosts(onlyActive: true)).Count)) await Task.Delay(50, Cancellation);
        }
    }

    static async Task<IHost> Silo(StorageOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        foreach (var kind in TestStore.Kinds) builder.Services.AddSingleton(kind);
        builder.Services.AddBillingStorage(options);
        builder.UseOrleans(silo =>
        {
            silo.UseBillingStorage(options);
            if (options.UsesPostgres)
            {
                silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), gatewayPort: 0);
                silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("test", "billing"));
            }
            else
            {
                silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: "billing", clusterId: "test");
            }
        });
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    async Task<StorageOptions> Options(bool onPostgres) => onPostgres
        ? new() { PostgresConnectionString = await postgres.Server.NewDatabase() }
        : new() { SqlitePath = Path.Combine(Directory.CreateTempSubdirectory("billing-silo-").FullName, "billing.db") };
}

[Alias("billing.tests.housekeeper")]
public interface IHousekeeper : IGrainWithIntegerKey
{
    [Alias("Note")]
    Task Note(int number, bool flag);

    [Alias("Noted")]
    Task<(int Number, bool Flag)> Noted();

    [Alias("Clear")]
    Task Clear();

    [Alias("Remind")]
    Task Remind(string name, TimeSpan period);

    [Alias("Forget")]
    Task Forget(string name);

    [Alias("Reminders")]
    Task<string[]> Reminders();

    [Alias("Where")]
    Task<string> Where();
}

public sealed class Notes
{
    public int Number { get; set; } = 99;

    public bool Flag { get; set; } = true;
}

[GrainType("housekeeper"), RandomPlacement]
public sealed class Housekeeper([PersistentState("notes", StorageRegistration.Housekeeping)] IPersistentState<Notes> notes, ILocalSiloDetails silo)
    : Grain, IHousekeeper, IRemindable
{
    public Task Note(int number, bool flag)
    {
        (notes.State.Number, notes.State.Flag) = (number, flag);
        return notes.WriteStateAsync();
    }

    public Task<(int Number, bool Flag)> Noted() => Task.FromResult((notes.State.Number, notes.State.Flag));

    public Task Clear() => notes.ClearStateAsync();

    public Task Remind(string name, TimeSpan period) => this.RegisterOrUpdateReminder(name, period, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> Reminders() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order()];

    public Task<string> Where() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
