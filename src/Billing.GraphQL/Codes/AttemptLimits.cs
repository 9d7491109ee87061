using System.Diagnostics.Metrics;
using System.Net;
using Billing.Codes;
using Billing.GraphQL.Engine;
using Microsoft.Extensions.Options;

namespace Billing.GraphQL.Codes;

/// <summary>
/// How often an account and an address may try codes that are none. Only failures count in the end, so who redeems what they have never comes near a limit;
/// nothing but codes is limited here.
/// </summary>
/// <remarks>
/// An account's attempt is taken before anything is looked up and given back when the code was one, so attempts at the same moment are counted too. An address
/// may be many people's: it is looked at before, and charged for what failed. A code that is there and refuses costs a look at its journal: an account has an
/// allowance for these too, so loose that only a program comes near it.
/// </remarks>
public sealed class AttemptLimits
{
    // Who sends more at once than they may is refused until it is paid off, though not for longer than this.
    static readonly TimeSpan MostDebt = TimeSpan.FromHours(1);

    readonly Allowances accounts;
    readonly Allowances addresses;
    readonly Allowances refusals;
    readonly Counter<long> attempts;

    /// <summary>Nothing was tried yet.</summary>
    public AttemptLimits(IOptions<CodeSettings> settings, TimeProvider time, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(meters);
        var limits = settings.Value;
        accounts = new(limits.AttemptsOfAccount, limits.AccountRecovery, TimeSpan.Zero, time);
        addresses = new(limits.AttemptsOfAddress, limits.AddressRecovery, MostDebt, time);
        refusals = new(limits.RefusalsOfAccount, limits.RefusalRecovery, MostDebt, time);
        attempts = meters.Create(CodeMetrics.MeterName).CreateCounter<long>("billing.codes.attempts", "{attempt}", "Attempts with a code, by what was asked and the outcome.");
    }

    /// <summary>Takes one attempt; it ends with <see cref="Attempt.Failed"/>, <see cref="Attempt.Refused"/> or <see cref="Attempt.Succeeded"/>.</summary>
    /// <param name="account">Who tries.</param>
    /// <param name="address">From where.</param>
    /// <param name="retryAfter">When it is possible again, if it is not now.</param>
    public Attempt? Take(string account, IPAddress? address, out TimeSpan retryAfter)
    {
        var from = ClientInfo.NetworkOf(address);
        retryAfter = Later(addresses.Wait(from), refusals.Wait(account));
        if (retryAfter > TimeSpan.Zero) return null;
        retryAfter = accounts.Take(account, out var taken);
        return retryAfter > TimeSpan.Zero ? null : new(this, account, from, taken);

        static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
    }

    /// <summary>Counts what became of an attempt.</summary>
    internal void Count(string asked, string outcome) => attempts.Add(1, new("asked", asked), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>An attempt that was taken.</summary>
    public sealed class Attempt
    {
        readonly AttemptLimits limits;
        readonly string account;
        readonly string network;
        readonly Allowances.Taken taken;

        internal Attempt(AttemptLimits limits, string account, string network, Allowances.Taken taken) =>
            (this.limits, this.account, this.network, this.taken) = (limits, account, network, taken);

        /// <summary>There was no such code: the account's attempt stays taken, and the address is charged.</summary>
        public void Failed() => limits.addresses.Charge(network);

        /// <summary>It was a code and it refused: the attempt is given back, and the account charged for the refusal.</summary>
        public void Refused()
        {
            Succeeded();
            limits.refusals.Charge(account);
        }

        /// <summary>It was a code, or it was never found out: the attempt is given back.</summary>
        public void Succeeded() => limits.accounts.GiveBack(taken);
    }
}
