namespace Billing.Codes;

/// <summary>What can happen to a code. The names are the journal's types.</summary>
/// <param name="At">When.</param>
public abstract record CodeEvent(DateTimeOffset At);

/// <summary>It was issued.</summary>
public sealed record CodeIssued(DateTimeOffset At, string Key, string BatchId, int Ordinal, string Sealed, string Tail, int MaxRedemptions) : CodeEvent(At);

/// <summary>An account redeemed it. The journal's actor is the account.</summary>
/// <param name="At">When.</param>
/// <param name="Id">The redemption's id, unique in the code: derived from the account and its idempotency key.</param>
/// <param name="Account">Whose.</param>
/// <param name="BatchId">The code's batch.</param>
/// <param name="Tail">The last four characters of the code.</param>
/// <param name="Place">Which of the places that an account has in the batch it took, from 1.</param>
/// <param name="NeedsPlace">Whether it counts only once the batch has given it one of its own places.</param>
public sealed record CodeRedeemed(DateTimeOffset At, string Id, string Account, string BatchId, string Tail, int Place, bool NeedsPlace) : CodeEvent(At);

/// <summary>The batch gave the redemption one of its places.</summary>
public sealed record RedemptionPlaced(DateTimeOffset At, string Id, string Account) : CodeEvent(At);

/// <summary>The batch had no place left: the redemption does not count, and the code is as before.</summary>
/// <param name="At">When.</param>
/// <param name="Id">Which redemption.</param>
/// <param name="Scope">Which limit left none; null when the batch was disabled meanwhile.</param>
public sealed record RedemptionRefused(DateTimeOffset At, string Id, LimitScope? Scope) : CodeEvent(At);

/// <summary>The redemption's account is credited.</summary>
public sealed record RedemptionCredited(DateTimeOffset At, string Id) : CodeEvent(At);

/// <summary>An account could not be credited; it is tried again.</summary>
/// <param name="At">When.</param>
/// <param name="Failure">Why, in a word.</param>
/// <param name="LookAt">When it is tried again.</param>
public sealed record CreditDelayed(DateTimeOffset At, string Failure, DateTimeOffset LookAt) : CodeEvent(At);

/// <summary>An account could not be credited for some time: a person is told. It is still being tried.</summary>
/// <param name="At">When.</param>
/// <param name="Number">The work item's number in the code.</param>
/// <param name="Detail">What happened.</param>
public sealed record CreditStuck(DateTimeOffset At, int Number, string Detail) : CodeEvent(At);

/// <summary>What was left of it was disabled.</summary>
/// <param name="At">When.</param>
/// <param name="As">By itself or with its batch.</param>
/// <param name="Note">Why; an administrator's words. Null with its batch, which has them.</param>
public sealed record CodeDisabled(DateTimeOffset At, DisabledAs As, string? Note) : CodeEvent(At);

/// <summary>It was given to an account.</summary>
/// <param name="At">When.</param>
/// <param name="BatchId">The code's batch.</param>
/// <param name="Account">To whom.</param>
/// <param name="Source">What for: the same source is given one code of a batch.</param>
/// <param name="Note">Why.</param>
public sealed record CodeAssigned(DateTimeOffset At, string BatchId, string Account, string Source, string? Note) : CodeEvent(At);

/// <summary>An administrator takes back what is unspent of a redemption.</summary>
/// <param name="At">When.</param>
/// <param name="Id">Of which redemption.</param>
/// <param name="IdempotencyKey">The administrator's key for it.</param>
/// <param name="Note">Why.</param>
public sealed record ReversalBegun(DateTimeOffset At, string Id, string IdempotencyKey, string Note) : CodeEvent(At);

/// <summary>What was unspent of a redemption is taken back.</summary>
/// <param name="At">When.</param>
/// <param name="Id">Of which redemption.</param>
/// <param name="TakenBack">The credits that were taken back.</param>
/// <param name="AlreadySpent">The credits that were spent, or had lapsed.</param>
/// <param name="DaysTakenBack">The days of a subscription that were taken back.</param>
public sealed record RedemptionReversed(DateTimeOffset At, string Id, Credits TakenBack, Credits AlreadySpent, int DaysTakenBack) : CodeEvent(At);
