using Billing.Benchmarks.Issue;
using Billing.Benchmarks.Lists;
using Billing.Benchmarks.Load;
using Billing.Benchmarks.Purchase;
using Billing.Benchmarks.Redeem;
using Billing.Benchmarks.Writes;

return args switch
{
    ["purchase", .. var rest] => await PurchaseBenchmark.Run(new(rest)),
    ["writes", .. var rest] => await WriteBenchmark.Run(new(rest)),
    ["issue", .. var rest] => await IssueBenchmark.Run(new(rest)),
    ["copy", .. var rest] => await PlainCopy.Run(new(rest)),
    ["redeem", .. var rest] => await RedeemBenchmark.Run(new(rest)),
    ["hot-code", .. var rest] => await HotCodeBenchmark.Run(new(rest)),
    ["seed", .. var rest] => await Seed.Run(new(rest)),
    ["list", .. var rest] => await ListBenchmark.Run(new(rest)),
    ["explain", .. var rest] => await Explain.Run(new(rest)),
    ["table", var file] => Table.Print(file),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        purchase --target billing|plain --url URL --secret SECRET [--accounts 200] [--connections 32] [--seconds 8] [--warmup 5] [--server-pid N] [--postmaster-pid N]
        writes   --through grains|store --database postgres|sqlite --at CONNECTION-STRING|FILE [--callers 64] [--seconds 6] [--warmup 4] [--postmaster-pid N]
        issue    --database postgres|sqlite --at CONNECTION-STRING|FILE [--count 100000] [--postmaster-pid N]
        copy     --from CONNECTION-STRING --at CONNECTION-STRING --folder FOLDER [--count 100000] [--postmaster-pid N]      the rows of an issue before
        redeem   --target billing|plain --which different|hot|stampede --url URL [--codes 100000] [--accounts 2000] [--connections 32] [--server-pid N] [--postmaster-pid N]
        hot-code --database postgres|sqlite --at CONNECTION-STRING|FILE [--callers 64] [--postmaster-pid N]
        seed     --at CONNECTION-STRING --orders N [--accounts 1000]
        list     --which account|newest --url URL --orders N [--accounts 1000] [--connections 8] [--seconds 5] [--warmup 3] [--server-pid N] [--postmaster-pid N]
        explain  --at CONNECTION-STRING
                 and for all of them --warmup-operations N: the warm-up also lasts so many operations, but not six times as long
        table    FILE        medians and ratios of the lines that the others print
        """);
    return 2;
}
