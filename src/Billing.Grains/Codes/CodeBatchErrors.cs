using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Billing.Codes;

/// <summary>Why a batch refused. The stored names are pinned: a refusal to issue is remembered with its key.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "error", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(VanityCodeTaken), "VANITY_CODE_TAKEN")]
[GenerateSerializer, Immutable, Alias("billing.code.batch.error")]
public abstract record CodeBatchError;

/// <summary>A grant is empty or beyond its bounds, or all redemptions together would grant more than can be counted.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.invalid-grant")]
public sealed record InvalidCodeGrant : CodeBatchError;

/// <summary>The window ends before it begins, or is over already.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.invalid-validity")]
public sealed record InvalidValidity : CodeBatchError;

/// <summary>There are too few or too many codes.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.count-out-of-range")]
public sealed record CountOutOfRange(int Minimum, int Maximum) : CodeBatchError;

/// <summary>Something else cannot be so.</summary>
/// <param name="Field">The API's name of it.</param>
/// <param name="Problem">What is wrong, in English.</param>
[GenerateSerializer, Immutable, Alias("billing.code.batch.invalid")]
public sealed record InvalidCodeBatch(string Field, string Problem) : CodeBatchError;

/// <summary>A code with this text exists.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.vanity-taken")]
public sealed record VanityCodeTaken : CodeBatchError;

/// <summary>The key came before with other input.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.key-reused")]
public sealed record BatchKeyReused(ImmutableArray<string> Differs) : CodeBatchError;

/// <summary>There is no such batch.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.not-found")]
public sealed record CodeBatchNotFound : CodeBatchError;

/// <summary>The batch's own limits leave no place.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.no-place-left")]
public sealed record NoPlaceLeft(LimitScope Scope) : CodeBatchError;

/// <summary>The batch has no code left that could be given to somebody.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.batch.no-code-left")]
public sealed record NoCodeLeft : CodeBatchError;
