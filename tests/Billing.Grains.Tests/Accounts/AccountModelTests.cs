using System.Globalization;
using Billing.Accounts;
using Billing.Catalog;
using CsCheck;

namespace Billing.Tests.Accounts;

/// <summary>Whatever is granted, spent and lapses, in whatever order and however often: the balance is the sum of the entries and of the buckets.</summary>
public class AccountModelTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // Few references, so that many repeat; two of them look like each other's buckets.
    static readonly Gen<string> Reference = Gen.OneOfConst("a", "b", "a/2", "b/1", "c", "d", "e", "f", "g", "h", "i");

    static readonly Gen<Credits> Amount = Gen.Frequency(
        (8, (IGen<Credits>)Gen.Long[1, 5_000_000].Select(micro => new Credits(micro))), (1, Gen.Long.Select(micro => new Credits(micro))));

    static readonly Gen<Grant> AnyGrant = Gen.Frequency(
        (3, (IGen<Grant>)Gen.Select(Amount, Gen.Int[0, 3]).Select(drawn => (Grant)new CreditGrant(drawn.Item1, drawn.Item2 == 0 ? null : drawn.Item2))),
        (1, Gen.Select(Gen.OneOfConst("pro", "team"), Gen.Int[1, Grant.MaxDays]).Select(drawn => (Grant)new SubscriptionGrant(drawn.Item1, drawn.Item2))));

    static readonly Gen<(AccountCommand? Command, TimeSpan Wait)> AnyAct = Gen.Frequency(
        (3, (IGen<(AccountCommand?, TimeSpan)>)Gen.Select(Reference, AnyGrant.Array[1, 3]).Select(drawn =>
            ((AccountCommand?)new ApplyGrants("alice", drawn.Item1, LedgerKind.Purchase, [.. drawn.Item2], null), TimeSpan.Zero))),
        (3, Gen.Select(Reference, Amount)
            .Select(drawn => ((AccountCommand?)new TakeCredits("spend:" + drawn.Item1, LedgerKind.Spend, drawn.Item2, null), TimeSpan.Zero))),
        (1, Gen.Const(((AccountCommand?)new LapseCredits(), TimeSpan.Zero))),
        (2, Gen.Int[1, 30].Select(hours => ((AccountCommand?)null, TimeSpan.FromHours(hours)))));

    static long Sequences =>
        long.TryParse(Environment.GetEnvironmentVariable("BILLING_MODEL_SEQUENCES"), CultureInfo.InvariantCulture, out var count) ? count / 4 : 25_000;

    [Fact]
    public void The_balance_is_the_sum_of_the_entries_and_of_the_buckets() => AnyAct.Array[0, 60].Sample(
        acts =>
        {
            var now = Noon;
            Account? account = null;
            var ledger = new Dictionary<string, AccountEvent>();
            foreach (var (command, wait) in acts)
            {
                now += wait;
                if (command is null) continue;
                var decision = AccountRules.Decide(account, command, now);
                var reference = (command as ApplyGrants)?.Reference ?? (command as TakeCredits)?.Reference;
                if (reference is not null && ledger.ContainsKey(reference))
                {
                    // What the document has forgotten, the journal's unique index refuses.
                    if (account!.Latest.Contains(reference)) Assert.Empty(decision.Events);
                    continue;
                }

                foreach (var happened in decision.Events)
                {
                    Assert.True(ledger.TryAdd(happened.Reference, happened), $"{happened.Reference} is in the ledger twice.");
                    var (name, data) = AccountDocument.Kind.WriteEvent(happened);
                    account = Account.After(account, (AccountEvent)AccountDocument.Kind.ReadEvent(name, data.Text()));
                    Assert.Equal(happened.BalanceAfter, account.Balance);
                    Assert.InRange(account.Balance.Micro, 0, Credits.Max.Micro);
                }

                if (account is null) continue;
                Assert.Equal(account.Balance.Micro, ledger.Values.Sum(entry => entry.Credits.Micro));
                Assert.Equal(account.Balance.Micro, account.Buckets.Sum(bucket => bucket.Remaining.Micro));
                Assert.All(account.Buckets, bucket => Assert.InRange(bucket.Remaining.Micro, 1, bucket.Granted.Micro));
                Assert.Equal(account.Buckets.OrderBy(bucket => bucket.ExpiresAt ?? DateTimeOffset.MaxValue), account.Buckets);
                if (decision.Events.Count > 0) Assert.Equal(account.Balance, account.Spendable(now));
            }
        },
        iter: Sequences);
}
