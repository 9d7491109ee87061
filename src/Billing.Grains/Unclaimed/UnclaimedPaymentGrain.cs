using System.Security.Cryptography;
using System.Text;
using Billing.Orders;

namespace Billing.Unclaimed;

/// <summary>Money that a provider reported for what does not exist here, by <see cref="UnclaimedPayments.KeyOf"/>.</summary>
[Alias("billing.IUnclaimedPaymentGrain")]
public interface IUnclaimedPaymentGrain : IDocumentGrain
{
    /// <summary>Keeps it as a work item, once.</summary>
    [Alias("Report")]
    Task Report(string methodId, string paymentNumber, string transactionId, Money amount);

    /// <summary>Decides about it.</summary>
    [Alias("Resolve")]
    Task<Reply<Versioned<UnclaimedPayment>, UnclaimedPaymentError>> Resolve(WorkItemResolution resolution, string note, Actor by);
}

/// <summary>Names unclaimed payments.</summary>
public static class UnclaimedPayments
{
    /// <summary>The key of the money that a method's provider knows by this number; a hash, because the number is the provider's own text.</summary>
    public static string KeyOf(string methodId, string transactionId) =>
        CheckCharacter.Encode(SHA256.HashData(Encoding.UTF8.GetBytes($"{methodId}\n{transactionId}")), 20);
}

[GrainType(UnclaimedPaymentDocument.Noun), CollectionAgeLimit(Minutes = 2)]
sealed class UnclaimedPaymentGrain() : DocumentGrain<UnclaimedPayment, UnclaimedPaymentEvent, UnclaimedPaymentCommand, UnclaimedPaymentError>(UnclaimedPaymentDocument.Kind),
    IUnclaimedPaymentGrain
{
    public Task Report(string methodId, string paymentNumber, string transactionId, Money amount) => Obey(
        new ReportUnclaimed(this.GetPrimaryKeyString(), methodId, Cut(paymentNumber), Cut(transactionId), amount), Actor.Provider(methodId));

    public async Task<Reply<Versioned<UnclaimedPayment>, UnclaimedPaymentError>> Resolve(WorkItemResolution resolution, string note, Actor by)
    {
        var obeyed = await Obey(new ResolveUnclaimed(resolution, note, by.Name), by);
        return obeyed.Refusal is { } refusal ? refusal : Stored!;
    }

    protected override Decision<UnclaimedPaymentEvent, UnclaimedPaymentError> Decide(UnclaimedPayment? state, UnclaimedPaymentCommand command, DateTimeOffset now) =>
        UnclaimedPaymentRules.Decide(state, command, now);

    static string Cut(string text) => text.Length <= UnclaimedPaymentDocument.MaxText ? text : text[..UnclaimedPaymentDocument.MaxText];
}
