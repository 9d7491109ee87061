using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GraphQL;
using GraphQL.Types;
using GraphQL.Validation;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>The plans of operations, each read once; a plan lives as long as the parsed document that it was read from.</summary>
sealed class OperationPlans
{
    readonly ConditionalWeakTable<GraphQLOperationDefinition, OperationPlan> plans = [];

    public OperationPlan Of(ISchema schema, GraphQLDocument document, GraphQLOperationDefinition operation) =>
        plans.TryGetValue(operation, out var known) ? known : plans.GetValue(operation, operation => new OperationPlan(schema, document, operation));
}

/// <summary>
/// What must be asked before an operation runs: who may select its fields, how deep and how costly they are, how often counted ones occur. It is read from
/// the document once and kept with it, so that a cached document costs one walk over a small tree and no validation.
/// </summary>
/// <remarks>Built from a document that has passed validation and <see cref="BoundedDocumentBuilder"/>: every name is known and the expanded tree is small.</remarks>
sealed class OperationPlan
{
    // As deep as the reference implementation lets introspection go: each further level of these lists multiplies the answer by the schema's size.
    const int DeepestIntrospection = 3;

    /// <summary>As many validation contexts are kept as requests may run the operation at once; more are made and dropped.</summary>
    public const int MostContexts = 64;

    readonly Dictionary<GraphQLField, FieldType> withArguments = new(ReferenceEqualityComparer.Instance);
    readonly ISchema schema;
    readonly GraphQLDocument document;

    public OperationPlan(ISchema schema, GraphQLDocument document, GraphQLOperationDefinition operation)
    {
        (this.schema, this.document) = (schema, document);
        IComplexGraphType root = operation.Operation switch
        {
            OperationType.Mutation => schema.Mutation!,
            OperationType.Subscription => schema.Subscription!,
            _ => schema.Query,
        };
        HasDirectives = operation.Directives is { Count: > 0 };
        Roots = Read(operation.SelectionSet, root, [], 1, 0);
    }

    public IReadOnlyList<PlannedField> Roots { get; }

    /// <summary>The fields that are given arguments, each once, wherever their fragment is spread.</summary>
    public IReadOnlyDictionary<GraphQLField, FieldType> WithArguments => withArguments;

    /// <summary>Whether any directive stands on what is selected.</summary>
    public bool HasDirectives { get; private set; }

    /// <summary>Contexts of the engine's validation, which remember where the operation's variables are used.</summary>
    public ConcurrentBag<ValidationContext> Contexts { get; } = [];

    public int Depth { get; private set; }

    public bool Introspects { get; private set; }

    public bool IntrospectsTooDeep { get; private set; }

    List<PlannedField> Read(GraphQLSelectionSet? set, IGraphType parent, IReadOnlyList<Condition> conditions, int depth, int introspected)
    {
        var fields = new List<PlannedField>();
        foreach (var selection in set?.Selections ?? [])
        {
            HasDirectives |= ((IHasDirectivesNode)selection).Directives is { Count: > 0 };
            if (Condition.Read((IHasDirectivesNode)selection, conditions) is not { } ifs) continue;
            switch (selection)
            {
                case GraphQLField field when Find(parent, field) is { } definition:
                    fields.Add(Plan(field, definition, parent, ifs, depth, introspected));
                    break;

                // A fragment's fields stand where it is spread, on its own type; its conditions hold for each.
                case GraphQLInlineFragment inline:
                    fields.AddRange(Read(inline.SelectionSet, TypeOf(inline.TypeCondition) ?? parent, ifs, depth, introspected));
                    break;
                case GraphQLFragmentSpread spread when Fragment(spread) is { } fragment:
                    HasDirectives |= fragment.Directives is { Count: > 0 };
                    fields.AddRange(Read(fragment.SelectionSet, TypeOf(fragment.TypeCondition) ?? parent, ifs, depth, introspected));
                    break;
            }
        }

        return fields;
    }

    PlannedField Plan(GraphQLField field, FieldType definition, IGraphType parent, IReadOnlyList<Condition> conditions, int depth, int introspected)
    {
        var inside = definition == schema.SchemaMetaFieldType || definition == schema.TypeMetaFieldType;
        Introspects |= inside;
        if (field.Arguments is { Count: > 0 }) withArguments[field] = definition;
        if (introspected > 0 && definition.Name is "fields" or "inputFields" or "interfaces" or "possibleTypes" && ++introspected > DeepestIntrospection)
            IntrospectsTooDeep = true;
        if (inside) introspected = 1;

        // Levels that have something below them, as the engine counts them.
        if (field.SelectionSet is not null) Depth = Math.Max(Depth, depth);
        var children = field.SelectionSet is null
            ? []
            : Read(field.SelectionSet, definition.ResolvedType!.GetNamedType()!, [], depth + 1, introspected);
        return new(field, definition, Permission.For(definition, parent), conditions, children)
        {
            Cost = introspected > 0 || definition == schema.TypeNameMetaFieldType ? 0 : definition.GetMetadata(CostAttribute.Key, 1),
            Each = definition.GetMetadata<string?>(CostAttribute.EachKey),
            Kind = definition.GetMetadata<string?>(CountedAttribute.Key),
            TakesSecret = definition.GetMetadata(TakesSecretAttribute.Key, false),
        };
    }

    GraphQLFragmentDefinition? Fragment(GraphQLFragmentSpread spread) =>
        document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(fragment => fragment.FragmentName.Name.Value == spread.FragmentName.Name.Value);

    IGraphType? TypeOf(GraphQLTypeCondition? condition) => condition is null ? null : schema.AllTypes[condition.Type.Name.Value];

    FieldType? Find(IGraphType parent, GraphQLField field)
    {
        var name = field.Name.Value;
        if (name == schema.TypeNameMetaFieldType.Name) return schema.TypeNameMetaFieldType;
        if (parent == schema.Query && name == schema.SchemaMetaFieldType.Name) return schema.SchemaMetaFieldType;
        if (parent == schema.Query && name == schema.TypeMetaFieldType.Name) return schema.TypeMetaFieldType;
        return (parent as IComplexGraphType)?.GetField(name);
    }
}

/// <summary>One selection of a field, wherever its fragment is spread.</summary>
sealed class PlannedField(
    GraphQLField node, FieldType definition, Permission? permission, IReadOnlyList<Condition> conditions, IReadOnlyList<PlannedField> children)
{
    public GraphQLField Node => node;

    public FieldType Definition => definition;

    public Permission? Permission => permission;

    public IReadOnlyList<PlannedField> Children => children;

    /// <summary>The field's own points.</summary>
    public required int Cost { get; init; }

    /// <summary>The argument for each element of which the field, and what is below it, costs its points.</summary>
    public required string? Each { get; init; }

    /// <summary>What the field is counted as.</summary>
    public required string? Kind { get; init; }

    /// <summary>Whether the field takes what must not stand in an address.</summary>
    public required bool TakesSecret { get; init; }

    /// <summary>Whether the field gives a list.</summary>
    public bool IsList { get; } = (definition.ResolvedType is NonNullGraphType required ? required.ResolvedType : definition.ResolvedType) is ListGraphType;

    /// <summary>Whether the field takes a page's size.</summary>
    public bool IsPaged { get; } = definition.Arguments?.Find("first") is not null || definition.Arguments?.Find("last") is not null;

    /// <summary>Whether <c>@skip</c> and <c>@include</c> let it run.</summary>
    public bool Runs(Variables variables)
    {
        for (var i = 0; i < conditions.Count; i++)
            if (!conditions[i].Holds(variables)) return false;
        return true;
    }
}

/// <summary>A field runs only if this variable has this value.</summary>
sealed record Condition(string Variable, bool Expected)
{
    /// <summary>What the selection adds to the conditions around it; null when it can never run.</summary>
    public static IReadOnlyList<Condition>? Read(IHasDirectivesNode selection, IReadOnlyList<Condition> around)
    {
        if (selection.Directives is not { Count: > 0 } directives) return around;
        List<Condition>? more = null;
        foreach (var directive in directives)
        {
            bool? expected = directive.Name.StringValue switch { "skip" => false, "include" => true, _ => null };
            switch (directive.Arguments?.FirstOrDefault(argument => argument.Name.Value == "if")?.Value)
            {
                case GraphQLBooleanValue literal when expected is not null && literal.BoolValue != expected:
                    return null;
                case GraphQLVariable variable when expected is not null:
                    (more ??= [.. around]).Add(new(variable.Name.StringValue, expected.Value));
                    break;
            }
        }

        return more ?? around;
    }

    public bool Holds(Variables variables) => variables.ValueFor(Variable) is bool value && value == Expected;
}

/// <summary>Who may select a field: one of the alternatives of every demand.</summary>
sealed record Permission(IReadOnlyList<IReadOnlyList<string>> RoleDemands)
{
    /// <summary>A field of an interface may be any implementer's: all their demands hold.</summary>
    public static Permission? For(FieldType field, IGraphType parent)
    {
        List<IReadOnlyList<string>>? demands = null;
        Add(field);
        if (parent is IAbstractGraphType contract)
            foreach (var type in contract.PossibleTypes)
                if (type.GetField(field.Name) is { } implementation) Add(implementation);
        return demands is null ? null : new(demands);

        void Add(FieldType candidate)
        {
            if (candidate.IsAuthorizationRequired()) (demands ??= []).Add(candidate.GetRoles() ?? []);
        }
    }
}
