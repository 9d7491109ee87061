using GraphQL;
using GraphQL.Execution;
using GraphQL.Validation;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>
/// The engine's validator, and a shorter way for a document that has passed it before: only what came with the request, the variables and the arguments
/// that they fill, is read and checked again. The engine itself walks the whole document three times for that.
/// </summary>
sealed class KnownDocumentValidator(OperationPlans plans) : IDocumentValidator
{
    readonly DocumentValidator whole = new();

    public Task<IValidationResult> ValidateAsync(in ValidationOptions options)
    {
        // Without rules: Engine asks so for what it remembers. Directives with arguments are rare, and left to the engine.
        if (options.Rules is not IReadOnlyCollection<IValidationRule> { Count: 0 }) return whole.ValidateAsync(options);
        var plan = plans.Of(options.Schema, options.Document, options.Operation);
        return plan.HasDirectives ? whole.ValidateAsync(options) : Validate(options, plan);
    }

    static async Task<IValidationResult> Validate(ValidationOptions options, OperationPlan plan)
    {
        // Where its variables are used is found out once for a document, and kept in the context.
        if (!plan.Contexts.TryTake(out var context))
            context = new() { Schema = options.Schema, Document = options.Document, Operation = options.Operation, TypeInfo = new(options.Schema) };
        context.Variables = options.Variables;
        context.UserContext = options.UserContext;
        context.RequestServices = options.RequestServices;
        context.User = options.User;
        context.CancellationToken = options.CancellationToken;
        var (variables, wrong) = await context.GetVariablesValuesAsync();
        if (wrong is { Count: > 0 }) return new ValidationResult(wrong) { Variables = variables };

        var values = plan.WithArguments.Count == 0 ? null : new Dictionary<GraphQLField, IDictionary<string, ArgumentValue>>(plan.WithArguments.Count);
        List<ValidationError>? errors = null;
        foreach (var (field, definition) in plan.WithArguments)
        {
            try
            {
                if (ExecutionHelper.GetArguments(definition.Arguments, field.Arguments, variables, options.Document, field, null) is { } arguments) values![field] = arguments;
            }
            catch (ValidationError error)
            {
                (errors ??= []).Add(error);
            }
        }

        // Kept for the next request, without anything of this one.
        (context.Variables, context.UserContext, context.RequestServices, context.User, context.CancellationToken) = (Inputs.Empty, null!, null, null, default);
        if (plan.Contexts.Count < OperationPlan.MostContexts) plan.Contexts.Add(context);
        return new ValidationResult(errors ?? []) { Variables = variables, ArgumentValues = values };
    }
}
