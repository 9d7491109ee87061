using System.Globalization;
using Billing.Storage.Audit;
using Billing.Storage.Callbacks;

namespace Billing.GraphQL.Callbacks;

/// <summary>Callbacks are handed on again.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class CallbackMutations
{
    // What the audit calls it; stored, so it never follows a rename.
    const string Act = "CallbackReplayed";
    const string Noun = "callback";

    /// <summary>
    /// Administrators: hands the news of a callback to its order again, the way that it came. What was applied before changes nothing, and is said so. That it was
    /// asked for is written down first, with the note.
    /// </summary>
    public static async Task<ReplayCallbackPayload> ReplayCallback(
        ReplayCallbackInput input, Viewer viewer, CallbackStore callbacks, ActStore acts, ICallbackReplay replay, TimeProvider time, ClientInfo client, CancellationToken cancel)
    {
        var (language, note) = (Language.Of(client), Checked.Note(input.Note));
        var position = CallbackKey.Of(GlobalId.KeyOf(nameof(Callback), input.CallbackId));
        if (position is null || await callbacks.Find([position.Value], cancel) is not [var original]) return new(null, null, [CallbackErrors.NotFound(language)]);
        if (original.Record.News is not { } news) return new(Callback.Of(original), null, [CallbackErrors.NotReplayable(language)]);

        var key = original.Position.ToString(CultureInfo.InvariantCulture);
        await acts.Write(
            time.GetUtcNow(), viewer.Actor, Noun, key, Act,
            new Dictionary<string, string?> { ["note"] = note, ["order"] = original.Record.OrderNumber, ["payment"] = news.PaymentNumber }, cancel);
        // From here on it ends as it ends: it may have changed its order.
        if (await replay.Replay(original.Record.MethodId, news) is not { } outcome) return new(Callback.Of(original), null, [CallbackErrors.NotReplayable(language)]);
        var record = original.Record with
        {
            ReceivedAt = time.GetUtcNow(),
            Outcome = outcome,
            // A replay of a replay repeats the first of them.
            Replay = new(original.Record.Replay?.Of ?? original.Position, viewer.Actor.Name, note),
        };
        var shown = Callback.Of(new(await callbacks.Add(record, CancellationToken.None), record));
        return outcome switch
        {
            CallbackOutcome.Stored => new(shown, outcome, null),
            CallbackOutcome.Known => new(shown, outcome, [CallbackErrors.AlreadyApplied(language)]),
            CallbackOutcome.Stranger => new(shown, outcome, [CallbackErrors.HasNoOrder(language)]),
            _ => throw new BadRequestFault(ErrorCodes.OutcomeUnknown, "It may or may not have been applied. Replay it again: what was applied changes nothing."),
        };
    }
}

/// <summary>A callback to hand on again.</summary>
/// <param name="CallbackId">Which.</param>
/// <param name="Note">Why, for the audit.</param>
public sealed record ReplayCallbackInput([property: Id] string CallbackId, string Note);

/// <summary>What handing a callback on again led to.</summary>
/// <param name="Callback">The replay, as the inbox has it; the callback itself when it was not handed on.</param>
/// <param name="Outcome">What became of it; null when it was not handed on.</param>
/// <param name="Errors">Why nothing changed.</param>
public sealed record ReplayCallbackPayload(Callback? Callback, CallbackOutcome? Outcome, IReadOnlyList<IReplayCallbackError>? Errors);

/// <summary>Why a replay changed nothing.</summary>
[UnionType]
public interface IReplayCallbackError;

/// <summary>There is no such callback, or it is not kept any more.</summary>
public sealed record CallbackNotFound(string Message, string Code) : IError, IReplayCallbackError;

/// <summary>It says nothing of a payment or refund, was not believed, or its method is not configured any more.</summary>
public sealed record CallbackNotReplayable(string Message, string Code) : IError, IReplayCallbackError;

/// <summary>Its order knew it already: nothing changed.</summary>
public sealed record CallbackAlreadyApplied(string Message, string Code) : IError, IReplayCallbackError;

/// <summary>Its payment does not exist here. Money among it is kept as a work item, once.</summary>
public sealed record CallbackHasNoOrder(string Message, string Code) : IError, IReplayCallbackError;

static class CallbackErrors
{
    public static CallbackNotFound NotFound(Language language) => new(
        language.Say("There is no such callback, or it is too old to be kept.", "没有这条回调记录，或已过保存期限。"), "CALLBACK_NOT_FOUND");

    public static CallbackNotReplayable NotReplayable(Language language) => new(
        language.Say(
            "This callback says nothing that could be handed on: it was not believed, or is about nothing of ours, or its payment method is gone.",
            "这条回调没有可重新处理的内容：未通过验证、与本系统无关，或其支付方式已被移除。"),
        "CALLBACK_NOT_REPLAYABLE");

    public static CallbackAlreadyApplied AlreadyApplied(Language language) => new(
        language.Say("The order knew this already. Nothing has changed.", "订单此前已处理过该通知，没有任何变化。"), "CALLBACK_ALREADY_APPLIED");

    public static CallbackHasNoOrder HasNoOrder(Language language) => new(
        language.Say(
            "No payment of this method has this number. If it reported money, that is a work item.", "该支付方式下没有此支付编号。若通知中有款项，已列入待处理事项。"),
        "CALLBACK_HAS_NO_ORDER");
}
