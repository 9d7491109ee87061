namespace Billing;

/// <summary>The service cannot start as it is set up. The message is for whoever set it up: it names the setting, and says what to do.</summary>
public sealed class SetupException : Exception
{
    /// <summary>Without details.</summary>
    public SetupException()
    {
    }

    /// <summary>With what to do.</summary>
    public SetupException(string message)
        : base(message)
    {
    }

    /// <summary>With what to do, and what showed it.</summary>
    public SetupException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
