using Billing.Codes;
using Billing.GraphQL.Orders;
using Billing.Orders;
using Billing.Storage.WorkItems;
using Billing.Unclaimed;
using Domain = Billing.Orders;

namespace Billing.GraphQL.WorkItems;

/// <summary>Administrators decide about money that got stuck.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class WorkItemMutations
{
    /// <summary>Decides about a work item. Which decisions are possible, the item says.</summary>
    public static async Task<ResolveWorkItemPayload> ResolveWorkItem(
        ResolveWorkItemInput input, Viewer viewer, WorkItemReader items, IGrainFactory grains, ClientInfo client, CancellationToken cancel)
    {
        var note = Checked.Note(input.Note);
        if (GlobalId.KeyOf(nameof(WorkItem), input.WorkItemId) is not { } id || await Find(id) is not { } found) return Refused(new Domain.WorkItemNotFound());
        var refusal = found.Noun switch
        {
            OrderDocument.Noun => (await grains.GetGrain<IOrderGrain>(found.Key).Resolve(id, input.Resolution, note, viewer.Actor)).Refusal,
            UnclaimedPaymentDocument.Noun => await Resolve(grains.GetGrain<IUnclaimedPaymentGrain>(found.Key)),
            CodeDocument.Noun when CodeRules.Possible.Contains(input.Resolution) => await Retry(grains.GetGrain<ICodeGrain>(found.Key)),
            CodeDocument.Noun => new Domain.ResolutionNotPossible(CodeRules.Possible),
            var other => throw new InvalidOperationException($"Work items of {other} are not resolved here."),
        };
        // What a code owed and could be credited by now is listed no more.
        return refusal is null ? new(WorkItem.Of(await Find(id) ?? found), null) : Refused(refusal);

        async Task<FoundWorkItem?> Find(string key) => await items.Find([key], cancel) is [var item, ..] ? item : null;

        async Task<OrderError?> Resolve(IUnclaimedPaymentGrain grain) => (await grain.Resolve(input.Resolution, note, viewer.Actor)).Refusal switch
        {
            null => null,
            UnclaimedAlreadyResolved => new Domain.WorkItemAlreadyResolved(),
            UnclaimedNotFound => new Domain.WorkItemNotFound(),
            UnclaimedNotPossible not => new Domain.ResolutionNotPossible(not.Possible),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is not shown."),
        };

        static async Task<OrderError?> Retry(ICodeGrain grain)
        {
            await grain.Wake();
            return null;
        }

        ResolveWorkItemPayload Refused(OrderError why) => new(null, [OrderErrors.Of<IResolveWorkItemError>(why, Language.Of(client))]);
    }
}

/// <summary>Why a work item was not resolved.</summary>
[UnionType]
public interface IResolveWorkItemError;

/// <summary>There is no such work item.</summary>
public sealed record WorkItemNotFound(string Message, string Code) : IError, IResolveWorkItemError;

/// <summary>It was decided, or ended by itself.</summary>
public sealed record WorkItemAlreadyResolved(string Message, string Code) : IError, IResolveWorkItemError;

/// <summary>It can not be decided so.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Possible">How it can be decided now; nothing while it is being settled by itself.</param>
public sealed record ResolutionNotPossible(string Message, string Code, IReadOnlyList<WorkItemResolution> Possible) : IError, IResolveWorkItemError;

/// <summary>A work item to resolve.</summary>
/// <param name="WorkItemId">Which one.</param>
/// <param name="Resolution">What is to become of it.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record ResolveWorkItemInput([property: Id] string WorkItemId, WorkItemResolution Resolution, string Note);

/// <summary>What resolving led to.</summary>
/// <param name="WorkItem">The work item.</param>
/// <param name="Errors">Why not.</param>
public sealed record ResolveWorkItemPayload(WorkItem? WorkItem, IReadOnlyList<IResolveWorkItemError>? Errors);
