using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Billing.Codes;
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
        var from = Network(address);
        retryAfter = Later(addresses.Wait(from), refusals.Wait(account));
        if (retryAfter > TimeSpan.Zero) return null;
        retryAfter = accounts.Take(account, out var taken);
        return retryAfter > TimeSpan.Zero ? null : new(this, account, from, taken);

        static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
    }

    /// <summary>Counts what became of an attempt.</summary>
    internal void Count(string asked, string outcome) => attempts.Add(1, new("asked", asked), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>A household has an IPv6 network of 64 bits, with as many addresses as it likes.</summary>
    static string Network(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes(), 0, 8) : address.ToString();
    }

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

    /// <summary>
    /// Allowances by name, by the generic cell rate algorithm (ITU-T I.371): a slot holds the moment at which all that was taken will have come back. They stand in two
    /// rows of fixed size under a keyed hash, so that no client makes them grow or finds out with whom it shares a slot; a name is refused only when both of its slots are
    /// exhausted.
    /// </summary>
    internal sealed class Allowances
    {
        const int Slots = 1 << 16;

        readonly byte[] key = RandomNumberGenerator.GetBytes(32);
        readonly long[] slots = new long[2 * Slots];
        readonly long recovery;
        readonly long burst;
        readonly long most;
        readonly TimeProvider time;
        readonly long started;

        /// <param name="atOnce">How much can be taken at once.</param>
        /// <param name="recovery">After how long one more can be.</param>
        /// <param name="debt">How far a charge may exceed what can be taken.</param>
        /// <param name="time">The clock.</param>
        public Allowances(int atOnce, TimeSpan recovery, TimeSpan debt, TimeProvider time)
        {
            this.recovery = recovery.Ticks;
            burst = this.recovery * atOnce;
            most = burst + debt.Ticks;
            this.time = time;
            started = time.GetTimestamp();
        }

        /// <summary>How many names are told apart, whatever happens.</summary>
        public int Size => slots.Length;

        // Since the beginning: a wall clock that is set back would refuse everybody.
        long Now => time.GetElapsedTime(started).Ticks;

        /// <summary>Takes one, and says how long to wait when there is none.</summary>
        public TimeSpan Take(string name, out Taken taken)
        {
            var (first, second) = SlotsOf(name);
            var now = Now;
            var (one, other) = (TakeFrom(first, now, out var until), TakeFrom(second, now, out var otherUntil));
            taken = new(first, until, second, otherUntil);
            return TimeSpan.FromTicks(Math.Min(one, other));
        }

        /// <summary>How long to wait for the next one; nothing is taken.</summary>
        public TimeSpan Wait(string name)
        {
            var (first, second) = SlotsOf(name);
            var now = Now;
            return TimeSpan.FromTicks(Math.Min(WaitFor(Volatile.Read(ref slots[first]), now), WaitFor(Volatile.Read(ref slots[second]), now)));
        }

        /// <summary>Takes one, also when there is none.</summary>
        public void Charge(string name)
        {
            var (first, second) = SlotsOf(name);
            var now = Now;
            Change(first, held => Math.Min(Math.Max(held, now) + recovery, now + most));
            Change(second, held => Math.Min(Math.Max(held, now) + recovery, now + most));
        }

        /// <summary>Gives back what has not come back by itself.</summary>
        public void GiveBack(Taken taken)
        {
            var now = Now;
            GiveBack(taken.First, taken.Until, now);
            GiveBack(taken.Second, taken.OtherUntil, now);
        }

        void GiveBack(int slot, long until, long now)
        {
            var left = Math.Clamp(until - now, 0, recovery);
            if (left > 0) Change(slot, held => held - left);
        }

        // The moment until which what is taken here takes to come back; 0 when nothing was taken.
        long TakeFrom(int slot, long now, out long until)
        {
            while (true)
            {
                var held = Volatile.Read(ref slots[slot]);
                until = 0;
                if (WaitFor(held, now) is var wait and > 0) return wait;
                var next = Math.Max(held, now) + recovery;
                if (Interlocked.CompareExchange(ref slots[slot], next, held) != held) continue;
                until = next;
                return 0;
            }
        }

        long WaitFor(long held, long now) => Math.Max(0, Math.Max(held, now) + recovery - (now + burst));

        void Change(int slot, Func<long, long> change)
        {
            while (true)
            {
                var held = Volatile.Read(ref slots[slot]);
                if (Interlocked.CompareExchange(ref slots[slot], change(held), held) == held) return;
            }
        }

        (int First, int Second) SlotsOf(string name)
        {
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(name), hash);
            return (BinaryPrimitives.ReadUInt16BigEndian(hash), Slots + BinaryPrimitives.ReadUInt16BigEndian(hash[2..]));
        }

        /// <summary>What was taken, and from where.</summary>
        internal readonly record struct Taken(int First, long Until, int Second, long OtherUntil);
    }
}
