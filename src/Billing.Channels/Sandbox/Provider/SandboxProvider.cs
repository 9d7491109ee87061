using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>
/// A payment provider of our own: what its books say. Kept in memory and bounded; a restart forgets it all, as its payers' money never was.
/// </summary>
public sealed class SandboxProvider
{
    /// <summary>How often one payment can be paid.</summary>
    internal const int MostMovements = 10;

    /// <summary>How often one payment can be refunded.</summary>
    internal const int MostRefunds = 100;

    /// <summary>How many lines a page of a bill has.</summary>
    internal const int BillPage = 100;

    const int LongestSubject = 256;
    const int LongestAddress = 2048;

    readonly SandboxProviderOptions options;
    readonly SandboxCallbacks callbacks;
    readonly TimeProvider time;
    readonly Dictionary<string, byte[]> secrets;
    readonly Lock gate = new();
    readonly Dictionary<(string Merchant, string Number), LinkedListNode<SandboxPayment>> payments = [];

    // Both oldest first. A payment moves to the second once it is paid or closed.
    readonly LinkedList<SandboxPayment> open = [];
    readonly LinkedList<SandboxPayment> finished = [];
    long transactions;

    /// <summary>An empty provider.</summary>
    internal SandboxProvider(SandboxProviderOptions options, SandboxCallbacks callbacks, TimeProvider time)
    {
        this.options = options;
        this.callbacks = callbacks;
        this.time = time;
        secrets = options.Merchants.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value.Secret), StringComparer.Ordinal);
    }

    internal SandboxProviderOptions Options => options;

    internal TimeProvider Time => time;

    /// <summary>Refuses the sandbox where money is real: it makes payments out of nothing.</summary>
    /// <param name="environment">Where the host runs.</param>
    /// <param name="allowOutsideDevelopment">The setting <c>Billing:Sandbox:AllowOutsideDevelopment</c>; it opens every environment but Production.</param>
    /// <exception cref="SetupException">The sandbox may not run here.</exception>
    public static void EnsureAllowed(IHostEnvironment environment, bool allowOutsideDevelopment = false)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment.IsProduction())
            throw new SetupException(
                "The sandbox pays orders with money that does not exist, so it does not run in Production. "
                + "Take the sandbox's payment methods out of the configuration, or set the environment to Development.");
        if (!environment.IsDevelopment() && !allowOutsideDevelopment)
            throw new SetupException(
                $"The sandbox pays orders with money that does not exist, so it runs in Development only; this is {environment.EnvironmentName}. "
                + "Set Billing:Sandbox:AllowOutsideDevelopment to true if nothing of value is sold here.");
    }

    internal bool TryGetSecret(string merchant, [NotNullWhen(true)] out byte[]? secret) => secrets.TryGetValue(merchant, out secret);

    /// <summary>The word that opens a payment's page to whoever was sent there, and to nobody who only knows its number.</summary>
    internal string PageToken(string merchant, string number) =>
        SandboxSignature.SignRequest(secrets[merchant], "PAGE", number, timestamp: "", body: [])[..32];

    internal SandboxPayment? Find(string merchant, string number)
    {
        lock (gate)
            return payments.TryGetValue((merchant, number), out var node) ? node.Value : null;
    }

    /// <summary>Opens a payment, or finds the one that was opened with the same values.</summary>
    internal SandboxOutcome<SandboxPayment> Open(SandboxRequest request)
    {
        if (!IsValid(request))
            return SandboxCodes.InvalidRequest;
        lock (gate)
        {
            if (payments.TryGetValue((request.Merchant, request.Number), out var known))
                return known.Value.Request == request ? known.Value : SandboxCodes.NumberConflict;
            if (payments.Count >= options.MostPayments)
                ForgetOne();
            var payment = new SandboxPayment(request);
            payments.Add((request.Merchant, request.Number), open.AddLast(payment));
            return payment;
        }
    }

    /// <summary>Takes no more money for a payment.</summary>
    internal SandboxOutcome<SandboxPayment> Close(string merchant, string number)
    {
        lock (gate)
        {
            if (!payments.TryGetValue((merchant, number), out var node))
                return SandboxCodes.PaymentNotFound;
            return node.Value.Standing(time.GetUtcNow()) == SandboxStanding.Paid ? SandboxCodes.AlreadyPaid : Finish(node, node.Value with { IsClosed = true });
        }
    }

    /// <summary>Does what the payer chose, and sends the news of it.</summary>
    internal SandboxOutcome<SandboxPayment> Take(string merchant, string number, SandboxChoice choice)
    {
        if (choice.Act is SandboxAct.Dispute or SandboxAct.WinDispute or SandboxAct.LoseDispute)
            return Dispute(merchant, number, choice);
        SandboxPayment after;
        int movementsBefore;
        lock (gate)
        {
            if (!payments.TryGetValue((merchant, number), out var node))
                return SandboxCodes.PaymentNotFound;
            var now = time.GetUtcNow();
            var before = node.Value;
            movementsBefore = before.Movements.Length;
            if (Movements(before.Standing(now), choice.Act) is not { } count)
                return before.Standing(now) == SandboxStanding.Paid ? SandboxCodes.AlreadyPaid : SandboxCodes.AlreadyClosed;
            if (movementsBefore + count > MostMovements)
                return SandboxCodes.TooManyMovements;
            var amount = choice.Amount ?? before.Request.Amount;
            after = Finish(node, before with
            {
                Movements = [.. before.Movements, .. Enumerable.Range(0, count).Select(_ => new SandboxMovement(NextTransactionId(now), amount, now))],
                IsClosed = before.IsClosed || count == 0,
                RefundPlan = choice.Refunds,
            });
        }

        foreach (var news in News(after, movementsBefore))
            Send(after.Request, news, choice);
        return after;
    }

    /// <summary>Gives money of one movement back, once for each refund number.</summary>
    internal SandboxOutcome<SandboxRefund> Refund(string merchant, string number, string refundNumber, string transactionId, Money amount)
    {
        if (!SandboxWords.IsNumber(refundNumber) || !amount.IsPayable)
            return SandboxCodes.InvalidRequest;
        SandboxRefund refund;
        SandboxRequest request;
        lock (gate)
        {
            if (!payments.TryGetValue((merchant, number), out var node))
                return SandboxCodes.PaymentNotFound;
            var payment = node.Value;
            var same = payment.Refunds.FirstOrDefault(known => known.RefundNumber == refundNumber);
            if (same is not null && (same.TransactionId != transactionId || same.Amount != amount))
                return SandboxCodes.RefundConflict;
            // One that failed may be asked for again, under its number.
            if (same is { Succeeded: true })
                return same;
            if (payment.Movements.FirstOrDefault(known => known.TransactionId == transactionId) is not { } movement)
                return SandboxCodes.TransactionNotFound;
            if (movement.Amount.Currency != amount.Currency)
                return SandboxCodes.InvalidRequest;
            if (amount.MinorUnits > payment.Refundable(movement))
                return SandboxCodes.RefundTooLarge;
            if (payment.RefundPlan == SandboxRefundPlan.NoFunds)
                return SandboxCodes.InsufficientFunds;
            if (payment.Refunds.Length >= MostRefunds)
                return SandboxCodes.TooManyMovements;
            refund = new(refundNumber, transactionId, amount, payment.RefundPlan is SandboxRefundPlan.Succeed or SandboxRefundPlan.Unsaid, time.GetUtcNow());
            node.Value = payment with { Refunds = same is null ? payment.Refunds.Add(refund) : payment.Refunds.Replace(same, refund) };
            request = payment.Request;
            if (payment.RefundPlan == SandboxRefundPlan.Unsaid)
                return refund;
        }

        var state = refund.Succeeded ? SandboxWords.Succeeded : SandboxWords.Failed;
        callbacks.Enqueue(Callback(request, new(
            SandboxWords.RefundEvent, number, merchant, refundNumber, state, amount.MinorUnits, amount.Currency, transactionId, refund.At)));
        return refund;
    }

    /// <summary>Opens a dispute of a payment, of which there is one at a time, or ends it; and sends the news of it.</summary>
    SandboxOutcome<SandboxPayment> Dispute(string merchant, string number, SandboxChoice choice)
    {
        SandboxPayment after;
        SandboxDispute dispute;
        lock (gate)
        {
            if (!payments.TryGetValue((merchant, number), out var node))
                return SandboxCodes.PaymentNotFound;
            var (payment, now) = (node.Value, time.GetUtcNow());
            if (choice.Act == SandboxAct.Dispute)
            {
                if (payment.OpenDispute is not null || payment.Movements.FirstOrDefault(made => payment.Refundable(made) > 0) is not { } movement)
                    return SandboxCodes.TransactionNotFound;
                if (payment.Disputes.Length >= MostRefunds)
                    return SandboxCodes.TooManyMovements;
                var left = movement.Amount with { MinorUnits = payment.Refundable(movement) };
                var amount = choice.Amount is { } wanted && wanted.Currency == left.Currency && wanted.MinorUnits < left.MinorUnits ? wanted : left;
                dispute = new("D" + NextTransactionId(now), movement.TransactionId, amount, DisputeStage.Opened, now);
                after = payment with { Disputes = payment.Disputes.Add(dispute) };
            }
            else
            {
                if (payment.OpenDispute is not { } known)
                    return SandboxCodes.DisputeNotFound;
                dispute = known with { Stage = choice.Act == SandboxAct.WinDispute ? DisputeStage.Won : DisputeStage.Lost, At = now };
                after = payment with { Disputes = payment.Disputes.Replace(known, dispute) };
            }

            node.Value = after;
        }

        Send(
            after.Request,
            new(
                SandboxWords.DisputeEvent, number, merchant, RefundNumber: null, Word(dispute.Stage), dispute.Amount.MinorUnits, dispute.Amount.Currency, dispute.TransactionId,
                dispute.At, dispute.Id),
            choice);
        return after;
    }

    /// <summary>A stage in the sandbox's words.</summary>
    internal static string Word(DisputeStage stage) => stage switch
    {
        DisputeStage.Opened => SandboxWords.Opened,
        DisputeStage.Won => SandboxWords.Won,
        _ => SandboxWords.Lost,
    };

    /// <summary>A page of what a merchant received and gave back from one second to before another, oldest first. A period that is not over has no bill.</summary>
    internal SandboxOutcome<SandboxBill> Bill(string merchant, long from, long to, string after)
    {
        if (to > time.GetUtcNow().ToUnixTimeSeconds())
            return SandboxCodes.BillNotReady;
        List<SandboxPayment> all;
        lock (gate)
            all = [.. payments.Values.Where(node => node.Value.Request.Merchant == merchant).Select(node => node.Value)];
        var page = all.SelectMany(Lines)
            .Where(line => line.At.ToUnixTimeSeconds() >= from && line.At.ToUnixTimeSeconds() < to)
            .Select(line => (Place: Place(line), Line: line))
            .Where(line => string.CompareOrdinal(line.Place, after) > 0)
            .OrderBy(line => line.Place, StringComparer.Ordinal)
            .Take(BillPage + 1).ToList();
        return new SandboxBill([.. page.Take(BillPage).Select(line => line.Line)], page.Count > BillPage ? page[BillPage - 1].Place : null);

        static IEnumerable<SandboxBillLine> Lines(SandboxPayment payment) =>
        [
            .. payment.Movements.Select(made => new SandboxBillLine(
                payment.Request.Number, made.TransactionId, RefundNumber: null, made.Amount.MinorUnits, made.Amount.Currency, made.At)),
            .. payment.Refunds.Where(refund => refund.Succeeded).Select(refund => new SandboxBillLine(
                payment.Request.Number, refund.TransactionId, refund.RefundNumber, refund.Amount.MinorUnits, refund.Amount.Currency, refund.At)),
            .. payment.Disputes.Where(dispute => dispute.Stage == DisputeStage.Lost).Select(dispute => new SandboxBillLine(
                payment.Request.Number, dispute.TransactionId, dispute.Id, dispute.Amount.MinorUnits, dispute.Amount.Currency, dispute.At)),
        ];

        static string Place(SandboxBillLine line) =>
            string.Create(CultureInfo.InvariantCulture, $"{line.At.UtcTicks:D19}{(line.RefundNumber is null ? 'P' : 'R')}{line.TransactionId}{line.RefundNumber}");
    }

    internal SandboxOutcome<SandboxRefund> FindRefund(string merchant, string number, string refundNumber)
    {
        if (Find(merchant, number) is not { } payment)
            return SandboxCodes.PaymentNotFound;
        return payment.Refunds.FirstOrDefault(known => known.RefundNumber == refundNumber) is { } refund ? refund : SandboxCodes.RefundNotFound;
    }

    // How many movements of money an act makes where the payment stands, or nothing where it cannot be done.
    static int? Movements(SandboxStanding standing, SandboxAct act) => (standing, act) switch
    {
        (SandboxStanding.Open, SandboxAct.Pay or SandboxAct.PayLate) => 1,
        (SandboxStanding.Open, SandboxAct.PayTwice) => 2,
        (SandboxStanding.Open, SandboxAct.Decline) => 0,
        (SandboxStanding.Paid, SandboxAct.PayTwice) => 1,
        (SandboxStanding.Closed, SandboxAct.PayLate) => 1,
        _ => null,
    };

    static bool IsValid(SandboxRequest request) =>
        SandboxWords.IsNumber(request.Number) && request.Amount.IsPayable && request.Subject is { Length: > 0 and <= LongestSubject }
        && IsAddress(request.ReturnUrl) && IsAddress(request.NotifyUrl);

    static bool IsAddress(Uri address) => address is { IsAbsoluteUri: true, Scheme: "http" or "https" } && address.AbsoluteUri.Length <= LongestAddress;

    static IEnumerable<SandboxNews> News(SandboxPayment payment, int movementsBefore) => payment.Movements.Length == movementsBefore
        ? [PaymentNews(payment.Request, SandboxWords.Closed, payment.Request.Amount, transactionId: null, at: null)]
        : payment.Movements.Skip(movementsBefore).Select(made => PaymentNews(payment.Request, SandboxWords.Paid, made.Amount, made.TransactionId, made.At));

    static SandboxNews PaymentNews(SandboxRequest request, string state, Money amount, string? transactionId, DateTimeOffset? at) =>
        new(SandboxWords.PaymentEvent, request.Number, request.Merchant, RefundNumber: null, state, amount.MinorUnits, amount.Currency, transactionId, at);

    SandboxCallback Callback(SandboxRequest request, SandboxNews news) =>
        new(request.NotifyUrl, secrets[request.Merchant], request.Number, SandboxCallback.Write(news));

    void Send(SandboxRequest request, SandboxNews news, SandboxChoice choice)
    {
        var dated = news with { At = news.At ?? time.GetUtcNow() };
        var callback = Callback(request, dated);
        switch (choice.Delivery)
        {
            case SandboxDelivery.Lost:
                // The payer asked for news that never comes: the merchant has to ask.
                break;
            case SandboxDelivery.Delayed:
                callbacks.Enqueue(callback, choice.Delay);
                break;
            case SandboxDelivery.Repeated:
                for (var sent = 0; sent < choice.Times; sent++)
                    callbacks.Enqueue(callback);
                break;
            case SandboxDelivery.Reordered:
                var stale = PaymentNews(request, SandboxWords.Pending, request.Amount, transactionId: null, dated.At);
                callbacks.Enqueue(callback with { Then = Callback(request, stale) });
                break;
            default:
                callbacks.Enqueue(callback);
                break;
        }
    }

    SandboxPayment Finish(LinkedListNode<SandboxPayment> node, SandboxPayment after)
    {
        node.Value = after;
        if (node.List == open)
        {
            open.Remove(node);
            finished.AddLast(node);
        }

        return after;
    }

    // An expired payment is finished too, though nobody said so.
    void ForgetOne()
    {
        var oldest = finished.First is null || open.First?.Value.Standing(time.GetUtcNow()) == SandboxStanding.Closed ? open.First! : finished.First;
        oldest.List!.Remove(oldest);
        payments.Remove((oldest.Value.Request.Merchant, oldest.Value.Request.Number));
    }

    // Never the same one twice, not after a restart either.
    string NextTransactionId(DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"SBX{now.UtcDateTime:yyyyMMddHHmmssfff}{++transactions:D6}");
}
