namespace Billing.Reconciliations;

/// <summary>A day is being compared.</summary>
/// <param name="Anew">Whether this has begun it; false when it was under way.</param>
[GenerateSerializer, Immutable, Alias("billing.reconciliation.begun")]
public sealed record ReconciliationBegun(bool Anew);

/// <summary>Why a day is not compared.</summary>
[GenerateSerializer, Immutable, Alias("billing.reconciliation.error")]
public abstract record ReconciliationError;

/// <summary>No payment method with this id is configured: there is nobody to ask.</summary>
[GenerateSerializer, Immutable, Alias("billing.reconciliation.method-unknown")]
public sealed record ReconciliationMethodUnknown : ReconciliationError;

/// <summary>The day is not over.</summary>
/// <param name="EndsAt">When it is.</param>
[GenerateSerializer, Immutable, Alias("billing.reconciliation.day-not-over")]
public sealed record ReconciliationDayNotOver(DateTimeOffset EndsAt) : ReconciliationError;
