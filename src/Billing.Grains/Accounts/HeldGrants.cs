using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Billing.Accounts;

/// <summary>Time of a subscription.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Length">How long.</param>
[GenerateSerializer, Immutable, Alias("billing.account.subscription-time")]
public sealed record SubscriptionTime(string Tier, TimeSpan Length);

/// <summary>What a refund has taken of an account: it cannot be spent, and can be given back.</summary>
/// <param name="Buckets">Credits, with the buckets that they came from; <see cref="CreditBucket.Remaining"/> is what was taken.</param>
/// <param name="Time">Time that subscriptions end sooner.</param>
/// <param name="Voided">Whether it was never granted, and now never will be.</param>
/// <param name="At">When it was taken.</param>
/// <param name="For">For how much money it stands, in minor units.</param>
[GenerateSerializer, Immutable, Alias("billing.account.held")]
public sealed record HeldGrants(ImmutableArray<CreditBucket> Buckets, ImmutableArray<SubscriptionTime> Time, bool Voided, DateTimeOffset At, long For)
{
    /// <summary>How many credits in all.</summary>
    [JsonIgnore]
    public Credits Credits => Buckets.Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining);

    /// <summary>Whether it is nothing at all.</summary>
    [JsonIgnore]
    public bool IsEmpty => Buckets.IsEmpty && Time.IsEmpty && !Voided;

    /// <summary>
    /// Splits it by the money that it stands for: what is kept, rounded up to the micro-credit, and what goes back. What was never granted is kept or goes back whole.
    /// </summary>
    /// <param name="part">For how much of the money something is to be kept, in minor units.</param>
    public (HeldGrants Kept, HeldGrants Back) Split(long part)
    {
        if (part <= 0) return (this with { Buckets = [], Time = [], Voided = false, For = 0 }, this);
        if (part >= For) return (this, this with { Buckets = [], Time = [], Voided = false, For = 0 });
        var left = new Credits((long)decimal.Ceiling((decimal)Credits.Micro * part / For));
        var (kept, back) = (ImmutableArray.CreateBuilder<CreditBucket>(), ImmutableArray.CreateBuilder<CreditBucket>());
        foreach (var bucket in Buckets)
        {
            var keep = left < bucket.Remaining ? left : bucket.Remaining;
            left -= keep;
            if (keep > Credits.Zero) kept.Add(bucket with { Remaining = keep });
            if (keep < bucket.Remaining) back.Add(bucket with { Remaining = bucket.Remaining - keep });
        }

        var times = Time.Select(time => (time.Tier, time.Length, Keep: new TimeSpan((long)((decimal)time.Length.Ticks * part / For)))).ToList();
        return (
            this with
            {
                Buckets = kept.ToImmutable(),
                Time = [.. times.Where(time => time.Keep > TimeSpan.Zero).Select(time => new SubscriptionTime(time.Tier, time.Keep))],
                For = part,
            },
            this with
            {
                Buckets = back.ToImmutable(),
                Time = [.. times.Where(time => time.Keep < time.Length).Select(time => new SubscriptionTime(time.Tier, time.Length - time.Keep))],
                Voided = false,
                For = For - part,
            });
    }
}
