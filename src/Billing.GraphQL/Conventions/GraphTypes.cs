using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using Billing.GraphQL.Engine;
using GraphQL;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL;

/// <summary>
/// A record as an object type: its properties and methods, the methods of the static classes that extend it, and the interfaces that it implements.
/// </summary>
/// <remarks>The base class calls back while it is constructed; captured parameters are set before that.</remarks>
sealed class RecordType<T>(ApiTypes types, IServiceProviderIsService services) : AutoRegisteringObjectGraphType<T>
{
    protected override void ConfigureGraph()
    {
        base.ConfigureGraph();
        if (this.IsAuthorizationRequired())
        {
            // A type is also reached through interfaces and payloads; a rule on it would hold on some ways and not on others.
            throw new InvalidOperationException($"Put [Authorize] on the fields that give a {typeof(T).Name}, not on the type.");
        }

        foreach (var contract in ApiTypes.InterfacesOf(typeof(T))) Interfaces.Add(typeof(GraphQLClrOutputTypeReference<>).MakeGenericType(contract));
    }

    /// <summary>A record's own static members make it (<c>Order.From(…)</c>); they are no fields.</summary>
    protected override IEnumerable<MemberInfo> GetRegisteredMembers() =>
        base.GetRegisteredMembers()
            .Where(member => !IsStatic(member))
            .Concat(types.ExtensionsOf(typeof(T)).SelectMany(extension => extension.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)));

    protected override FieldType? CreateField(MemberInfo memberInfo)
    {
        if (base.CreateField(memberInfo) is not { } field) return null;
        var name = $"{memberInfo.DeclaringType!.Name}.{memberInfo.Name}";
        if (memberInfo is MethodInfo && memberInfo.GetCustomAttribute<NameAttribute>() is null) field.Name = Trim(memberInfo.Name);
        if (Foreign(memberInfo) || Foreign(memberInfo.DeclaringType))
            throw new InvalidOperationException($"{name} has ASP.NET Core's [Authorize], which nothing enforces here. Use GraphQL's.");
        if (memberInfo is MethodInfo { IsStatic: true } && memberInfo.DeclaringType.GetCustomAttribute<AuthorizeAttribute>() is { } whole
            && !field.IsAuthorizationRequired() && !field.IsAnonymousAllowed())
        {
            field.Authorize();
            if (whole.Roles is { } roles) field.AuthorizeWithRoles(roles);
            if (whole.Policy is { } policy) field.AuthorizeWithPolicy(policy);
        }

        if (field.ValidateArguments is not null)
            throw new InvalidOperationException($"{name} validates its arguments by a rule, and rules are left out for a cached document. Check them in the resolver.");
        if (field.GetPolicies() is { Count: > 0 }) throw new InvalidOperationException($"{name} asks for a policy; only roles are known here.");
        return field;
    }

    protected override LambdaExpression BuildMemberInstanceExpression(MemberInfo memberInfo)
    {
        if (!IsStatic(memberInfo)) return base.BuildMemberInstanceExpression(memberInfo);

        // A static method of another class: the engine insists on an instance of it, and then does not use it.
        var context = Expression.Parameter(typeof(IResolveFieldContext), "context");
        return Expression.Lambda(Expression.Constant(null, memberInfo.DeclaringType!), context);
    }

    protected override ArgumentInformation GetArgumentInformation<TParameterType>(FieldType fieldType, ParameterInfo parameterInfo)
    {
        ArgumentNullException.ThrowIfNull(parameterInfo);
        var argument = base.GetArgumentInformation<TParameterType>(fieldType, parameterInfo);
        if (argument.Expression is not null) return argument;

        var type = typeof(TParameterType);
        if (parameterInfo.IsDefined(typeof(ParentAttribute), false)) argument.SetDelegate(context => (TParameterType)context.Source!);
        else if (type == typeof(Viewer)) argument.SetDelegate(context => (TParameterType)(object)ApiRequest.Of(context.UserContext).Viewer);
        else if (type == typeof(ClientInfo)) argument.SetDelegate(context => (TParameterType)(object)ApiRequest.Of(context.UserContext).Client);
        else if (IsAskedFor(type)) argument.SetDelegate(context => (TParameterType)context.RequestServices!.GetRequiredService(type));
        else if (type.IsInterface && !IsSequence(type))
        {
            throw new InvalidOperationException(
                $"{parameterInfo.Member.DeclaringType!.Name}.{parameterInfo.Member.Name} asks for {type.Name}, which is not registered.");
        }

        return argument;
    }

    // The container offers every sequence, of services that there are none of: a list of texts is an argument.
    bool IsAskedFor(Type type) => !IsSequence(type) && services.IsService(type);

    static bool IsSequence(Type type) => typeof(IEnumerable).IsAssignableFrom(type);

    static bool IsStatic(MemberInfo member) => member switch
    {
        MethodInfo method => method.IsStatic,
        PropertyInfo property => property.GetMethod?.IsStatic ?? false,
        FieldInfo field => field.IsStatic,
        _ => false,
    };

    static bool Foreign(MemberInfo member) => member.IsDefined(typeof(Microsoft.AspNetCore.Authorization.AuthorizeAttribute), false);

    static string Trim(string method)
    {
        if (method is ['G', 'e', 't', >= 'A' and <= 'Z', ..]) method = method[3..];
        return method.EndsWith("Async", StringComparison.Ordinal) && method.Length > "Async".Length ? method[..^"Async".Length] : method;
    }
}

/// <summary>An interface as an interface.</summary>
sealed class ContractType<T> : AutoRegisteringInterfaceGraphType<T>
{
    public ContractType() => Name = ApiTypes.NameOf(typeof(T));
}

/// <summary>A marker interface as a union of the records that implement it.</summary>
sealed class MarkerUnion<T> : UnionGraphType
{
    public MarkerUnion(ApiTypes types)
    {
        Name = ApiTypes.NameOf(typeof(T));
        Description = typeof(T).Description();
        foreach (var record in types.Implementing(typeof(T))) Type(typeof(RecordType<>).MakeGenericType(record));
    }
}
