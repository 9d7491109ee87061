using Billing.Storage.Callbacks;

namespace Billing.GraphQL.Callbacks;

/// <summary>Hands the news of an earlier callback on again, the way that a callback goes. The host that receives callbacks offers it.</summary>
public interface ICallbackReplay
{
    /// <summary>Hands it on, and says what became of it; null when the method is not configured any more.</summary>
    Task<CallbackOutcome?> Replay(string methodId, CallbackNews news);
}
