namespace RdmaCollectives.Tool;

/// <summary>The exit codes of the tool; a launched program's own are passed on.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Wrong results, or a run that failed.</summary>
    public const int Failed = 1;

    /// <summary>Bad arguments or options.</summary>
    public const int BadArguments = 2;

    /// <summary>What was asked for does not exist on this host.</summary>
    public const int NotSupported = 3;

    /// <summary>The doctor found a problem.</summary>
    public const int Problem = 4;

    /// <summary>The doctor found a warning, and was to be strict.</summary>
    public const int Warning = 5;

    /// <summary>A program to launch can't be executed; as shells say it.</summary>
    public const int NotExecutable = 126;

    /// <summary>A program to launch does not exist; as shells say it.</summary>
    public const int NotFound = 127;

    public const string Help =
        """
        Exit codes:
          0    all went well
          1    wrong results, or a run that failed
          2    bad arguments or options
          3    not supported on this host: no RDMA device, a library is missing
          4    (doctor) a problem was found     5  (doctor --strict) a warning was found
          126  the program can't be executed      127  there is no such program
          else (run) the exit code of the first rank that failed; 128 + N: a signal N ended it
        """;
}
