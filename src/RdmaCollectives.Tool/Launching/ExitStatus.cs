namespace RdmaCollectives.Tool.Launching;

/// <summary>How a process ended.</summary>
/// <param name="Number">The exit code, or the signal.</param>
/// <param name="BySignal">Whether a signal ended it.</param>
internal readonly record struct ExitStatus(int Number, bool BySignal)
{
    /// <summary>As shells count: 128 and the signal.</summary>
    public int Code => BySignal ? SignalNames.Base + Number : Number;

    public bool IsSuccess => Code == 0;

    /// <summary>Completes the sentence "Rank 3 died: ...".</summary>
    public string InWords => BySignal ? $"it was killed by signal {Number}{SignalNames.InBrackets(Number)}" : $"it ended with exit code {Number}";
}

/// <summary>The signals that end programs, by name.</summary>
internal static class SignalNames
{
    /// <summary>What shells add to a signal to make an exit code of it.</summary>
    public const int Base = 128;

    public static string InBrackets(int signal) => Of(signal) is { } name ? $" ({name})" : "";

    private static string? Of(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        _ => null,
    };
}
