using System.Globalization;
using System.Text;
using Billing.Channels;
using Billing.Codes;
using Billing.GraphQL.Callbacks;
using Billing.Storage;
using Billing.Webhooks;
using GraphQL;
using GraphQL.Types;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Tests;

/// <summary>The API as it is printed stands in the repository, so that every change of it is seen and reviewed.</summary>
public sealed class ContractTests
{
    [Fact]
    public void The_printed_schema_is_the_one_in_the_repository()
    {
        using var services = Services();
        var printed = services.GetRequiredService<BillingSchema>().Print().ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Root(), "schema.graphql");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1") File.WriteAllText(file, printed);

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == printed,
            "The API has changed. Look at the difference after `UPDATE_SNAPSHOTS=1 ./test.sh`; once published, it changes by adding and deprecating only.");
    }

    /// <summary>The schema's text does not say who may ask: a root field that lost its roles would look as it did.</summary>
    [Fact]
    public void Who_may_ask_what_is_as_the_repository_has_it()
    {
        using var services = Services();
        var schema = services.GetRequiredService<BillingSchema>();
        schema.Initialize();
        var written = new StringBuilder("""
            # Who may ask what

            Made from the schema; a test compares it. A field that everybody may ask for can still show each only what is theirs.

            """.ReplaceLineEndings("\n"));
        foreach (var (title, root) in new[] { ("Queries", (IComplexGraphType)schema.Query), ("Mutations", schema.Mutation!), ("Subscriptions", schema.Subscription!) })
            Table(title, root.Fields.Select(field => (field.Name, field)));
        Table("Further fields that not everybody who has the object may ask for", schema.AllTypes.OfType<IObjectGraphType>()
            .Where(type => type != schema.Query && type != schema.Mutation && type != schema.Subscription)
            .SelectMany(type => type.Fields.Where(field => field.IsAuthorizationRequired()).Select(field => ($"{type.Name}.{field.Name}", field))));
        var (file, text) = (Path.Combine(Root(), "docs", "permissions.md"), written.ToString());
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1") File.WriteAllText(file, text);
        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == text, "Who may ask what has changed. Look at the difference after `UPDATE_SNAPSHOTS=1 ./test.sh`; every line of it is a decision.");

        void Table(string title, IEnumerable<(string Name, FieldType Field)> fields)
        {
            written.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| field | who |\n| --- | --- |\n");
            foreach (var (name, field) in fields.OrderBy(one => one.Name, StringComparer.Ordinal)) written.Append(CultureInfo.InvariantCulture, $"| `{name}` | {Who(field)} |\n");
        }

        static string Who(FieldType field) => (field.IsAuthorizationRequired(), field.GetRoles()) switch
        {
            (false, _) => "everybody",
            (_, { Count: > 0 } roles) => string.Join(" or ", roles.Order(StringComparer.Ordinal).Select(role => $"`{role}`")),
            _ => "who is signed in",
        };
    }

    [Fact]
    public void The_same_schema_is_printed_every_time()
    {
        using var one = Services();
        using var other = Services();
        Assert.Equal(one.GetRequiredService<BillingSchema>().Print(), other.GetRequiredService<BillingSchema>().Print());
    }

    // Nothing of this is called: the schema only looks at which services there are.
    static ServiceProvider Services() => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddBillingStorage(new StorageOptions { SqlitePath = Path.Combine(Path.GetTempPath(), "never-opened.db") })
        .AddSingleton<IGrainFactory>(_ => throw new InvalidOperationException("No grain is called."))
        .AddSingleton<CodeVault>(_ => throw new InvalidOperationException("No code is read."))
        .AddSingleton<WebhookSecrets>(_ => throw new InvalidOperationException("No secret is made."))
        .AddSingleton<IPaymentMethods>(_ => throw new InvalidOperationException("No method is used."))
        .AddSingleton<ICallbackReplay>(_ => throw new InvalidOperationException("No callback is replayed."))
        .AddBillingGraphQL()
        .AddBillingNouns()
        .BuildServiceProvider();

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Billing.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}
