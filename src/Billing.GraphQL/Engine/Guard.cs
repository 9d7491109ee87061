using System.Collections;
using GraphQL;
using GraphQL.Execution;
using GraphQL.Validation;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>
/// Every rule that depends on who asks or with what: permissions, page sizes, complexity, counts. It hangs on the engine's listener and not on its
/// validation, because validation is left out for a cached document and this must never be.
/// </summary>
sealed class Guard(BillingGraphQLOptions options, OperationPlans plans, IFieldLimits? limits = null) : DocumentExecutionListenerBase
{
    // A list whose length nobody says.
    const double UsualList = 10;

    public override async Task AfterValidationAsync(IExecutionContext context, IValidationResult validationResult)
    {
        if (!validationResult.IsValid) return;
        var request = ApiRequest.Of(context.UserContext);
        request.Operation = context.Operation.Operation;
        request.Validated = context.Document;
        if (!MayCome(request))
        {
            request.WrongWay = true;
            context.Errors.Add(new ApiError(ErrorCodes.OperationNotAllowed, request.Operation == OperationType.Subscription
                ? "A subscription is answered by a stream: ask for text/event-stream, or use the WebSocket protocol graphql-transport-ws."
                : "GET is for reading. Send this by POST."));
            return;
        }

        var plan = plans.Of(context.Schema, context.Document, context.Operation);
        var walk = new Walk(request, validationResult, context.Errors);
        if (plan.Introspects && !options.ExposeIntrospection)
            context.Errors.Add(new ApiError(ErrorCodes.NoIntrospection, "This server does not describe itself. The schema is published with its documentation."));
        if (plan.IntrospectsTooDeep)
            context.Errors.Add(new ApiError(ErrorCodes.TooDeep, "This introspection is nested too deeply."));
        if (plan.Depth > options.MaxDepth)
            context.Errors.Add(new ApiError(ErrorCodes.TooDeep, $"The operation is {plan.Depth} levels deep; at most {options.MaxDepth} are allowed."));

        var cost = walk.Visit(plan.Roots, null);
        if (context.Errors.Count > 0) return;
        if (cost > options.MaxComplexity)
        {
            context.Errors.Add(new ApiError(
                ErrorCodes.TooComplex, $"The operation costs {cost:0} points; at most {options.MaxComplexity} are allowed. Ask for fewer fields or smaller pages."));
        }

        if (request.Operation == OperationType.Mutation && plan.Roots.Count(root => root.Runs(walk.Variables)) > options.MaxMutations)
            context.Errors.Add(new ApiError(ErrorCodes.TooManyMutations, $"At most {options.MaxMutations} mutations can be sent in one request."));
        if (context.Errors.Count > 0 || walk.Counted is null) return;

        foreach (var (kind, count) in walk.Counted)
        {
            if (options.FieldsPerRequest.TryGetValue(kind, out var most) && count > most)
            {
                context.Errors.Add(new ApiError(
                    ErrorCodes.RateLimited, $"One request may ask for '{kind}' {most} times at most; this one does {count} times. Send fewer."));
                continue;
            }

            if (limits is null || await limits.Ask(new(kind, count, request.Viewer, request.Client), context.CancellationToken) is not { } refusal) continue;
            context.Errors.Add(refusal.RetryAfter is { } wait
                ? new ApiError(ErrorCodes.RateLimited, refusal.Message, "retryAfterSeconds", (int)Math.Ceiling(wait.TotalSeconds))
                : new ApiError(ErrorCodes.RateLimited, refusal.Message));
        }
    }

    static bool MayCome(ApiRequest request) => request.Operation switch
    {
        OperationType.Mutation => request.Way is Way.Post or Way.Stream,
        OperationType.Subscription => request.Way is Way.Stream or Way.GetStream,
        _ => true,
    };

    /// <summary>One walk over the plan, for one request.</summary>
    sealed class Walk(ApiRequest request, IValidationResult validated, ExecutionErrors errors)
    {
        public Variables Variables { get; } = validated.Variables ?? Variables.None;

        public Dictionary<string, int>? Counted { get; private set; }

        public double Visit(IReadOnlyList<PlannedField> fields, PlannedField? parent)
        {
            var sum = 0.0;
            for (var i = 0; i < fields.Count; i++)
            {
                var field = fields[i];
                if (!field.Runs(Variables)) continue;
                if (field.Permission is { } permission) Check(permission, field);
                if (field.Kind is { } kind) (Counted ??= new(StringComparer.Ordinal))[kind] = Counted.GetValueOrDefault(kind) + 1;
                if (field.TakesSecret && request.Way is (Way.Get or Way.GetStream)) Refuse(field);
                if (field.IsPaged) CheckPage(field);
                var below = field.Children.Count == 0 ? 0 : Visit(field.Children, field);
                sum += field.Each is { } list ? Elements(field, list) * (field.Cost + below) : field.Cost + (field.IsList ? Length(field, parent) * below : below);
            }

            return sum;
        }

        void Check(Permission permission, PlannedField field)
        {
            ApiError? error = null;
            if (!request.Viewer.IsSignedIn) error = new(ErrorCodes.NotAuthenticated, $"Sign in to ask for '{field.Definition.Name}'.");
            else if (!permission.RoleDemands.All(roles => roles.Count == 0 || roles.Any(role => Viewer.HasRole(request.User, role))))
                error = new(ErrorCodes.NotAuthorized, $"You may not ask for '{field.Definition.Name}'.");
            if (error is null) return;
            errors.Add(error.AddLocation(field.Node, request.Validated));
        }

        void Refuse(PlannedField field)
        {
            request.WrongWay = true;
            errors.Add(new ApiError(
                ErrorCodes.SecretInAddress, $"'{field.Definition.Name}' takes what must not stand in an address, where logs and histories keep it. Send it by POST."));
        }

        void CheckPage(PlannedField field)
        {
            try
            {
                _ = Page.CheckSize(Argument(field, "first"), "first");
                _ = Page.CheckSize(Argument(field, "last"), "last");
            }
            catch (BadRequestFault fault)
            {
                errors.Add(new ApiError(fault.Code, fault.Message));
            }
        }

        // A connection's edges and nodes are as many as the connection was asked for.
        double Length(PlannedField field, PlannedField? parent) =>
            field.IsPaged ? PageOf(field) : parent is { IsPaged: true, IsList: false } ? PageOf(parent) : UsualList;

        double PageOf(PlannedField field) => Argument(field, "first") ?? Argument(field, "last") ?? Page.Usual;

        // Also an empty list is asked about.
        double Elements(PlannedField field, string name) => Math.Max(1, (Value(field, name) as ICollection)?.Count ?? 1);

        int? Argument(PlannedField field, string name) => Value(field, name) as int?;

        object? Value(PlannedField field, string name) =>
            validated.ArgumentValues is { } all && all.TryGetValue(field.Node, out var arguments) && arguments.TryGetValue(name, out var value) ? value.Value : null;
    }
}
