using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>A host that dies before or after its n-th write from now on, and is started again when it is found dead. A startup hook does it; the host knows nothing of it.</summary>
public abstract class KilledAtSomeWrite(SharedHosts hosts, Engine engine)
{
    /// <summary>More writes than any of these has: a loop that gets here does not end.</summary>
    protected virtual int TooMany => 20;

    readonly string plan = Path.Combine(Directory.CreateTempSubdirectory("billing-crash-").FullName, "plan");
    HostProcess host = null!;

    /// <summary>Whether it died since it was armed.</summary>
    protected bool Died { get; private set; }

    protected SharedHosts Hosts => hosts;

    /// <summary>Starts it, with every document written alone when that is asked for: what is usually one transaction are then several.</summary>
    protected async Task<HostProcess> Start(IReadOnlyDictionary<string, string?> settings, bool apart = false) => host = await HostProcess.Start(await hosts.NewDatabase(engine), new Dictionary<string, string?>(settings)
    {
        ["DOTNET_STARTUP_HOOKS"] = Path.Combine(HostProcess.Metadata("CrashesFolder"), "Billing.EndToEnd.Crashes.dll"),
        ["BILLING_TEST_CRASH_PLAN"] = plan,
        ["BILLING_TEST_WRITE_APART"] = apart ? "yes" : null,
    });

    protected async Task Arm(string moment, int write)
    {
        Assert.True(write < TooMany);
        Died = false;
        await File.WriteAllTextAsync(plan, $"{moment} {write}", TestContext.Current.CancellationToken);
    }

    protected void Disarm() => File.Delete(plan);

    /// <summary>Asks until there is an answer, and starts the host again when it is dead.</summary>
    protected async Task<T> Insist<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                // A host that lives and does not answer as it must is a fault; one that is dead is started again.
                try
                {
                    await host.Ended(TimeSpan.FromSeconds(10));
                }
                catch (OperationCanceledException)
                {
                    throw lost;
                }

                Disarm();
                Died = true;
                await host.Start();
            }
        }
    }
}
