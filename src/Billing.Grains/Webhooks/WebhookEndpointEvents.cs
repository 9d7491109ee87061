namespace Billing.Webhooks;

/// <summary>What can happen to an endpoint. The names are the journal's types.</summary>
/// <param name="At">When.</param>
public abstract record WebhookEndpointEvent(DateTimeOffset At);

/// <summary>An administrator made it. It is told of what happens from here on.</summary>
/// <param name="At">When.</param>
/// <param name="Id">Its id.</param>
/// <param name="Terms">Where and of what it is told.</param>
/// <param name="Sealed">Its first secret, encrypted.</param>
/// <param name="Note">Why; an administrator's words.</param>
/// <param name="By">By whom.</param>
public sealed record EndpointCreated(DateTimeOffset At, string Id, WebhookTerms Terms, string Sealed, string? Note, string By) : WebhookEndpointEvent(At);

/// <summary>An administrator changed where or of what it is told.</summary>
public sealed record EndpointUpdated(DateTimeOffset At, WebhookTerms Terms, string Note) : WebhookEndpointEvent(At);

/// <summary>An administrator enabled it again.</summary>
public sealed record EndpointEnabled(DateTimeOffset At, string Note) : WebhookEndpointEvent(At);

/// <summary>It is told no more, until it is enabled again.</summary>
/// <param name="At">When.</param>
/// <param name="For">Why.</param>
/// <param name="Note">An administrator's words; null when nobody asked for it.</param>
public sealed record EndpointDisabled(DateTimeOffset At, WebhookDisabledFor For, string? Note) : WebhookEndpointEvent(At);

/// <summary>It has a new secret; the one before is signed with as well for a while.</summary>
/// <param name="At">When.</param>
/// <param name="Sealed">The new secret, encrypted.</param>
/// <param name="OldUntil">Until when the one before is signed with.</param>
/// <param name="Note">Why.</param>
public sealed record SecretRotated(DateTimeOffset At, string Sealed, DateTimeOffset OldUntil, string Note) : WebhookEndpointEvent(At);

/// <summary>The secret before the newest is not signed with any more.</summary>
public sealed record SecretRetired(DateTimeOffset At) : WebhookEndpointEvent(At);

/// <summary>An administrator deleted it.</summary>
public sealed record EndpointDeleted(DateTimeOffset At, string Note) : WebhookEndpointEvent(At);

/// <summary>What waited for it is thrown away.</summary>
public sealed record DeliveriesForgotten(DateTimeOffset At) : WebhookEndpointEvent(At);

/// <summary>An administrator asked for a test: it is delivered like everything else that happens.</summary>
public sealed record TestRequested(DateTimeOffset At) : WebhookEndpointEvent(At);

/// <summary>An administrator had deliveries made again.</summary>
/// <param name="At">When.</param>
/// <param name="Since">Of everything that happened since; null when deliveries were named.</param>
/// <param name="Deliveries">How many were named.</param>
public sealed record ReplayRequested(DateTimeOffset At, DateTimeOffset? Since, int Deliveries) : WebhookEndpointEvent(At);
