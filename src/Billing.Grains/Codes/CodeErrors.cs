using System.Collections.Immutable;

namespace Billing.Codes;

/// <summary>Why a code refused; nothing changed.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.error")]
public abstract record CodeError;

/// <summary>There is no such code, or it is disabled: who tries codes cannot tell which.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.not-found")]
public sealed record CodeNotFound : CodeError;

/// <summary>Its window is over.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.expired")]
public sealed record CodeExpired(DateTimeOffset ExpiredAt) : CodeError;

/// <summary>Its window has not begun.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.not-yet-valid")]
public sealed record CodeNotYetValid(DateTimeOffset ValidFrom) : CodeError;

/// <summary>It was redeemed as often as it allows.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.already-redeemed")]
public sealed record CodeAlreadyRedeemed : CodeError;

/// <summary>The account may not redeem it.</summary>
/// <param name="Unmet">The rules that it does not meet; accounts that are named in one are left out.</param>
[GenerateSerializer, Immutable, Alias("billing.code.not-eligible")]
public sealed record CodeNotEligible(ImmutableArray<EligibilityRule> Unmet) : CodeError;

/// <summary>A limit of the batch is reached.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.limit-reached")]
public sealed record RedemptionLimitReached(LimitScope Scope) : CodeError;

/// <summary>The key came before with other input.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.key-reused")]
public sealed record CodeKeyReused(ImmutableArray<string> Differs) : CodeError;

/// <summary>It cannot be given to an account: it is used, disabled, or another's.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.not-assignable")]
public sealed record CodeNotAssignable : CodeError;

/// <summary>There is no such redemption.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.redemption-not-found")]
public sealed record RedemptionNotFound : CodeError;

/// <summary>It was reversed before, under another key.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.already-reversed")]
public sealed record AlreadyReversed : CodeError;

/// <summary>It is not as the administrator saw it.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.changed-meanwhile")]
public sealed record RedemptionChanged(long CurrentVersion) : CodeError;
