using GraphQL.Execution;
using GraphQLParser;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>
/// Parses a document and refuses one that would cost much more to validate or run than to send: fragments that spread fragments double with each level,
/// and merging equal fields takes the square of their number.
/// </summary>
sealed class BoundedDocumentBuilder(BillingGraphQLOptions options) : IDocumentBuilder
{
    readonly GraphQLDocumentBuilder parser = new();

    public GraphQLDocument Build(string body)
    {
        if (body.Length > options.MaxDocumentLength)
            throw new ApiError(ErrorCodes.DocumentTooLong, $"The document has {body.Length} characters; at most {options.MaxDocumentLength} are read.");
        var document = parser.Build(body);
        if (new Counter(document, options.MaxSelections).CountAll() > options.MaxSelections)
        {
            throw new ApiError(
                ErrorCodes.TooManySelections,
                $"The document selects too much: at most {options.MaxSelections} fields, fragments, directives and variables, counting a fragment wherever it is spread.");
        }

        return document;
    }

    /// <summary>Counts every fragment once, remembers it, and stops adding above the bound: the time is that of reading the document.</summary>
    sealed class Counter
    {
        readonly GraphQLDocument document;
        readonly int most;
        readonly Dictionary<ROM, GraphQLFragmentDefinition> fragments = [];
        readonly Dictionary<ROM, int> counted = [];

        public Counter(GraphQLDocument document, int most)
        {
            (this.document, this.most) = (document, most);
            foreach (var definition in document.Definitions)
                if (definition is GraphQLFragmentDefinition fragment) fragments.TryAdd(fragment.FragmentName.Name.Value, fragment);
        }

        public int CountAll()
        {
            var sum = 0;
            foreach (var definition in document.Definitions)
            {
                sum = Add(sum, definition switch
                {
                    GraphQLOperationDefinition operation => Add(
                        Add(Count(operation.SelectionSet), Count(operation.Directives)),
                        operation.Variables?.Items.Aggregate(0, (count, variable) => Add(count, 1 + Count(variable.Directives))) ?? 0),

                    // Also those that are spread nowhere, or twice under one name: they are validated too.
                    GraphQLFragmentDefinition fragment => Add(Count(fragment.SelectionSet), Count(fragment.Directives)),
                    _ => 1,
                });
            }

            return sum;
        }

        int Count(GraphQLSelectionSet? set)
        {
            var sum = 0;
            foreach (var selection in set?.Selections ?? [])
            {
                sum = Add(sum, Add(1, selection switch
                {
                    GraphQLField field => Add(Count(field.SelectionSet), Count(field.Directives)),
                    GraphQLInlineFragment inline => Add(Count(inline.SelectionSet), Count(inline.Directives)),
                    GraphQLFragmentSpread spread => Add(CountFragment(spread.FragmentName.Name.Value), Count(spread.Directives)),
                    _ => 0,
                }));
                if (sum > most) break;
            }

            return sum;
        }

        int CountFragment(ROM name)
        {
            if (counted.TryGetValue(name, out var known)) return known;
            if (!fragments.TryGetValue(name, out var fragment)) return 0;

            // A cycle counts as nothing here; validation refuses it.
            counted[name] = 0;
            return counted[name] = Count(fragment.SelectionSet);
        }

        static int Count(GraphQLDirectives? directives) => directives?.Count ?? 0;

        int Add(int a, int b) => Math.Min(a + b, most + 1);
    }
}
