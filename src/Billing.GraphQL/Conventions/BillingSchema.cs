using GraphQL;
using GraphQL.Resolvers;
using GraphQL.Types;
using GraphQL.Utilities;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL;

/// <summary>The API's schema, made of the records and static classes that are marked for it.</summary>
public sealed class BillingSchema : Schema
{
    static BillingSchema() =>

        // A static of the engine's, set in this one place, before any schema is built.
        GlobalSwitches.EnableReadDescriptionFromXmlDocumentation = true;

    /// <summary>Finds and builds the types.</summary>
    public BillingSchema(IServiceProvider services)
        : base(services, runConfigurations: true)
    {
        var types = services.GetRequiredService<ApiTypes>();
        RegisterTypeMapping(typeof(DateTimeOffset), typeof(DateTimeScalar));
        RegisterTypeMapping(typeof(decimal), typeof(DecimalScalar));
        RegisterTypeMapping(typeof(Uri), typeof(UrlScalar));
        Query = services.GetRequiredService<RecordType<Query>>();
        if (types.ExtensionsOf(typeof(Mutation)).Any()) Mutation = services.GetRequiredService<RecordType<Mutation>>();
        if (types.ExtensionsOf(typeof(Subscription)).Any()) Subscription = services.GetRequiredService<RecordType<Subscription>>();
        foreach (var record in types.Implementers) RegisterType(typeof(RecordType<>).MakeGenericType(record));
        Features.RepeatableDirectives = true;
        Features.DeprecationOfInputValues = true;
        RegisterVisitor(new ModernIntrospection());
    }

    /// <summary>The schema as text, sorted, the same on every run: the contract.</summary>
    public string Print()
    {
        Initialize();
        return SchemaExtensions.Print(this, new PrintOptions { StringComparison = StringComparison.Ordinal });
    }

    /// <summary>What today's tools ask of introspection and the engine does not answer.</summary>
    sealed class ModernIntrospection : BaseSchemaNodeVisitor
    {
        public override void VisitObject(IObjectGraphType type, ISchema schema)
        {
            if (type.Name == "__Type")
            {
                type.AddField(new FieldType
                {
                    Name = "specifiedByURL",
                    ResolvedType = schema.AllTypes["String"],
                    Resolver = new FuncFieldResolver<string?>(context => (context.Source as ScalarGraphType)?.GetMetadata<string?>(TextScalar.SpecifiedBy)),
                });
            }
            else if (type.Name == "__Directive" && type.Fields.Find("args") is { Arguments: null or { Count: 0 } } args)
            {
                args.Arguments = new QueryArguments(new QueryArgument(schema.AllTypes["Boolean"]!) { Name = "includeDeprecated", DefaultValue = false });
            }
        }
    }
}
