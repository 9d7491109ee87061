using Billing.Storage;

namespace Billing.Silo;

/// <summary>
/// That this host is the only one on its embedded database, for as long as it is not disposed of: hosts on SQLite do not find each other, so what one does is not pushed to who watches at another.
/// The system takes the lock back from a process that ends, however it ends.
/// </summary>
sealed class OnlyHost : IDisposable
{
    readonly FileStream held;

    OnlyHost(FileStream held) => this.held = held;

    /// <summary>Holds the embedded database's lock; null on PostgreSQL, which has any number of hosts.</summary>
    /// <exception cref="SetupException">Another host holds it, or there is no place for it.</exception>
    public static OnlyHost? Of(StorageOptions storage)
    {
        if (storage.UsesPostgres) return null;
        var file = Path.GetFullPath(storage.SqlitePath) + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return new(new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException held) when (File.Exists(file))
        {
            throw new SetupException(
                $"An embedded database has one host, and there is another one: {held.Message} Stop that one, or give both a PostgreSQL database (ConnectionStrings:Billing).", held);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw storage.Unusable(fault);
        }
    }

    public void Dispose() => held.Dispose();
}
