using System.Reflection;
using GraphQL.Types;

namespace Billing.GraphQL;

/// <summary>The types that the API is made of, found once by their attributes.</summary>
sealed class ApiTypes
{
    readonly List<Type> records;
    readonly ILookup<Type, Type> extensions;

    /// <param name="assemblies">Where the nouns are.</param>
    public ApiTypes(IReadOnlyCollection<Assembly> assemblies)
    {
        var all = assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()).ToList();
        records = [.. all.Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }).OrderBy(type => type.FullName, StringComparer.Ordinal)];
        extensions = all
            .SelectMany(type => ExtendedBy(type).Select(extended => (extended, type)))
            .Append((typeof(Query), typeof(NodeQueries)))
            .Distinct()
            .OrderBy(pair => pair.Item2.FullName, StringComparer.Ordinal)
            .ToLookup(pair => pair.Item1, pair => pair.Item2);
    }

    /// <summary>The static classes that add fields to this type.</summary>
    public IEnumerable<Type> ExtensionsOf(Type type) => extensions[type];

    /// <summary>The records that implement this interface.</summary>
    public IEnumerable<Type> Implementing(Type contract) => records.Where(contract.IsAssignableFrom);

    /// <summary>The records that implement an interface of the API: some are reached through it alone, and must be in the schema all the same.</summary>
    public IEnumerable<Type> Implementers => records.Where(type => InterfacesOf(type).Any());

    /// <summary>The interfaces of the API that a type implements.</summary>
    public static IEnumerable<Type> InterfacesOf(Type type) => type.GetInterfaces().Where(contract => contract.IsDefined(typeof(InterfaceTypeAttribute), false));

    /// <summary>An interface's name without its I.</summary>
    public static string NameOf(Type contract) => contract.Name is ['I', >= 'A' and <= 'Z', ..] name ? name[1..] : contract.Name;

    static IEnumerable<Type> ExtendedBy(Type type)
    {
        if (type.IsDefined(typeof(QueryTypeAttribute), false)) yield return typeof(Query);
        if (type.IsDefined(typeof(MutationTypeAttribute), false)) yield return typeof(Mutation);
        if (type.IsDefined(typeof(SubscriptionTypeAttribute), false)) yield return typeof(Subscription);
        foreach (var attribute in type.GetCustomAttributes(false).Select(attribute => attribute.GetType()))
            if (attribute.IsGenericType && attribute.GetGenericTypeDefinition() == typeof(ObjectTypeAttribute<>)) yield return attribute.GetGenericArguments()[0];
    }
}

/// <summary>Everything that can be read.</summary>
sealed class Query;

/// <summary>Everything that can be done. Each takes one input and returns one payload, with typed errors.</summary>
sealed class Mutation;

/// <summary>Everything that can be watched. Each gives the present state first, then every change.</summary>
sealed class Subscription;

/// <summary>Which graph type stands for a CLR type.</summary>
sealed class ApiTypeMapping : IGraphTypeMappingProvider
{
    public Type? GetGraphTypeFromClrType(Type clrType, bool isInputType, Type? preferredType) => preferredType ?? clrType switch
    {
        { IsEnum: true } => null,
        _ when SchemaTypes.BuiltInScalarMappings.ContainsKey(clrType) => null,
        _ when isInputType => typeof(AutoRegisteringInputObjectGraphType<>).MakeGenericType(clrType),
        _ when clrType.IsDefined(typeof(UnionTypeAttribute), false) => typeof(MarkerUnion<>).MakeGenericType(clrType),
        { IsInterface: true } => typeof(ContractType<>).MakeGenericType(clrType),
        _ => typeof(RecordType<>).MakeGenericType(clrType),
    };
}
