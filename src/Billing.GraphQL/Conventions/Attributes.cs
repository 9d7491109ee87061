using GraphQL;
using GraphQL.Types;

namespace Billing.GraphQL;

/// <summary>The public static methods of this class are fields of <c>Query</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class QueryTypeAttribute : Attribute;

/// <summary>The public static methods of this class are fields of <c>Mutation</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MutationTypeAttribute : Attribute;

/// <summary>The public static methods of this class are fields of <c>Subscription</c>; each returns an <see cref="IAsyncEnumerable{T}"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SubscriptionTypeAttribute : Attribute;

/// <summary>The public static methods of this class are further fields of <typeparamref name="T"/>; each takes its object as a <see cref="ParentAttribute"/>.</summary>
/// <typeparam name="T">The record that the fields are added to.</typeparam>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ObjectTypeAttribute<T> : Attribute;

/// <summary>A text that is an <c>ID</c> in the API. It is never inferred.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Method)]
public sealed class IdAttribute : GraphQLAttribute
{
    /// <inheritdoc/>
    public override void Modify(TypeInformation typeInformation)
    {
        ArgumentNullException.ThrowIfNull(typeInformation);
        typeInformation.GraphType = typeof(IdGraphType);
    }
}

/// <summary>
/// Only who is signed in may select the field; with roles (comma-separated), only who has one of them. On a static class it holds for every field in it that
/// does not say otherwise.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Property)]
public sealed class AuthorizeAttribute : global::GraphQL.AuthorizeAttribute;

/// <summary>Everyone may select the field, although its class is for those who are signed in.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllowAnonymousAttribute : global::GraphQL.AllowAnonymousAttribute;

/// <summary>The object whose field is asked for.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ParentAttribute : Attribute;

/// <summary>A marker interface that is a union in the API, named without its I: <c>IGrant</c> is <c>Grant</c>, one of the records that implement it.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class UnionTypeAttribute : Attribute;

/// <summary>An interface that is an interface in the API, named without its I; every record that implements it does so in the API too.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class InterfaceTypeAttribute : Attribute;

/// <summary>
/// The field counts against a limit: <see cref="IFieldLimits"/> is asked once a request with how often the document selects fields of this kind, so that
/// a hundred aliases are a hundred attempts.
/// </summary>
/// <param name="kind">What is counted, for example <c>redemption</c>; several fields may share it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CountedAttribute(string kind) : GraphQLAttribute
{
    internal const string Key = "billing.counted";

    /// <summary>What is counted.</summary>
    public string Kind => kind;

    /// <inheritdoc/>
    public override void Modify(FieldType fieldType, bool isInputType)
    {
        ArgumentNullException.ThrowIfNull(fieldType);
        fieldType.Metadata[Key] = kind;
    }
}

/// <summary>
/// The field takes what must not stand in an address, a redemption code for example: addresses are kept in the logs of servers and proxies and in browsers'
/// histories. A request that came by GET is refused.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TakesSecretAttribute : GraphQLAttribute
{
    internal const string Key = "billing.takes-secret";

    /// <inheritdoc/>
    public override void Modify(FieldType fieldType, bool isInputType)
    {
        ArgumentNullException.ThrowIfNull(fieldType);
        fieldType.Metadata[Key] = true;
    }
}

/// <summary>What the field itself costs when a request's complexity is added up; 1 when not given.</summary>
/// <param name="points">The points.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class CostAttribute(int points) : GraphQLAttribute
{
    internal const string Key = "billing.cost";
    internal const string EachKey = "billing.cost-each";

    /// <summary>The points.</summary>
    public int Points => points;

    /// <summary>The argument that is a list, for each element of which the field costs its points, and what is below it its own.</summary>
    public string? Each { get; init; }

    /// <inheritdoc/>
    public override void Modify(FieldType fieldType, bool isInputType)
    {
        ArgumentNullException.ThrowIfNull(fieldType);
        fieldType.Metadata[Key] = points;
        if (Each is not null) fieldType.Metadata[EachKey] = Each;
    }
}

/// <summary>A text that is an ISO 4217 code: <c>CurrencyCode</c> in the API.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Method)]
public sealed class CurrencyCodeAttribute : GraphQLAttribute
{
    /// <inheritdoc/>
    public override void Modify(TypeInformation typeInformation)
    {
        ArgumentNullException.ThrowIfNull(typeInformation);
        typeInformation.GraphType = typeof(CurrencyCodeScalar);
    }
}
