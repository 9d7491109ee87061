namespace Billing.EndToEnd.Hosts;

/// <summary>Which database is under the host.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}
