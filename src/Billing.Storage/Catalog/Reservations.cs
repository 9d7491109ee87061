using Billing.Catalog;

namespace Billing.Storage.Catalog;

/// <summary>The pieces that orders took, as the plans' journals have them.</summary>
sealed class Reservations(Database database) : IReservations
{
    internal const string ByReference = "SELECT count(*) FROM journal WHERE noun = 'plan' AND key = @planSlug AND reference = @reference";

    readonly Reader reader = new(database);

    public async Task<bool> Has(string planSlug, string reference, CancellationToken cancellation) =>
        await reader.One<long>(ByReference, new { planSlug, reference }, cancellation) > 0;
}
