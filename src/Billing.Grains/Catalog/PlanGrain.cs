namespace Billing.Catalog;

/// <summary>A plan, by its slug.</summary>
[Alias("billing.IPlanGrain")]
public interface IPlanGrain : IDocumentGrain
{
    /// <summary>The plan as it is; null when there is none.</summary>
    [Alias("Get")]
    Task<Versioned<Plan>?> Get();

    /// <summary>Makes it. Making the same plan again changes nothing.</summary>
    [Alias("Create")]
    Task<Reply<Versioned<Plan>, PlanError>> Create(PlanTerms terms, int? stock, string? note, Actor actor);

    /// <summary>Changes it. Orders that were placed keep their snapshot.</summary>
    [Alias("Update")]
    Task<Reply<Versioned<Plan>, PlanError>> Update(PlanChange change, string note, Actor actor);

    /// <summary>Takes a piece, once for the reference.</summary>
    [Alias("TakePiece")]
    Task<Reply<Versioned<Plan>, PlanError>> TakePiece(string reference);

    /// <summary>Gives a piece back, once for the reference.</summary>
    [Alias("ReturnPiece")]
    Task<Reply<Versioned<Plan>, PlanError>> ReturnPiece(string reference);
}

[GrainType(PlanDocument.Noun)]
sealed class PlanGrain(IReservations reservations) : DocumentGrain<Plan, PlanEvent, PlanCommand, PlanError>(PlanDocument.Kind), IPlanGrain
{
    public Task<Versioned<Plan>?> Get() => Task.FromResult(Stored);

    public Task<Reply<Versioned<Plan>, PlanError>> Create(PlanTerms terms, int? stock, string? note, Actor actor) =>
        Answer(new CreatePlan(this.GetPrimaryKeyString(), terms, stock, note), actor);

    public Task<Reply<Versioned<Plan>, PlanError>> Update(PlanChange change, string note, Actor actor) => Answer(new UpdatePlan(change, note), actor);

    public async Task<Reply<Versioned<Plan>, PlanError>> TakePiece(string reference)
    {
        var reply = await Once(new TakePiece(reference));
        // Its piece may have been taken longer ago than the document remembers, and the last ones since: the repeat is owed the first answer.
        return reply.Refusal is SoldOut && await reservations.Has(this.GetPrimaryKeyString(), reference, CancellationToken.None) ? Stored! : reply;
    }

    public Task<Reply<Versioned<Plan>, PlanError>> ReturnPiece(string reference) => Once(new ReturnPiece(reference));

    protected override Decision<PlanEvent, PlanError> Decide(Plan? state, PlanCommand command, DateTimeOffset now) => PlanRules.Decide(state, command, now);

    async Task<Reply<Versioned<Plan>, PlanError>> Once(PlanCommand command)
    {
        try
        {
            return await Answer(command, Actor.System);
        }
        catch (UniqueTakenException)
        {
            // Done longer ago than the document remembers.
            return Stored!;
        }
    }

    async Task<Reply<Versioned<Plan>, PlanError>> Answer(PlanCommand command, Actor actor)
    {
        var obeyed = await Obey(command, actor);
        return obeyed.Refusal is { } refusal ? refusal : new Versioned<Plan>(obeyed.State!, obeyed.Version);
    }
}
