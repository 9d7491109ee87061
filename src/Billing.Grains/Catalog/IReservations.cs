namespace Billing.Catalog;

/// <summary>The journal as the plan's list of reservations, for the one question that its document is too small to answer.</summary>
public interface IReservations
{
    /// <summary>Whether the plan's journal holds this reference.</summary>
    Task<bool> Has(string planSlug, string reference, CancellationToken cancellation);
}
