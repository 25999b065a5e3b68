// Runs one program with a limit. Its output goes straight to a file, so that a grandchild that lives on cannot hold us.
using System.Diagnostics;

public sealed record Invocation(string Program, IReadOnlyList<string> Arguments, int LimitSeconds, string Log, IReadOnlyDictionary<string, string> Env);

public static class Processes
{
    private const int Kill = 9, LimitExitCode = 124, KilledExitCode = 137;
    private static int current;

    static Processes()
    {
        // Ctrl-C reaches us and not the group of the program that we started.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillGroup();
        Console.CancelKeyPress += (_, _) => KillGroup();
    }

    /// <summary>Runs it to its end or its limit; `pulse` is called every second with the time that passed.</summary>
    public static (int ExitCode, bool HitLimit, TimeSpan Wall) Run(Invocation run, Action<TimeSpan> pulse)
    {
        // timeout(1) puts itself and the program into a process group of their own and signals the whole group.
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var word in new[] { "-c", "log=$1; shift; exec timeout --kill-after=10 \"$@\" >\"$log\" 2>&1 </dev/null", "bash", run.Log, $"{run.LimitSeconds}", run.Program })
            start.ArgumentList.Add(word);
        foreach (var argument in run.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in run.Env)
            start.Environment[name] = value;

        var clock = Stopwatch.StartNew();
        using var process = System.Diagnostics.Process.Start(start);
        current = process.Id;
        while (!process.WaitForExit(1000))
            pulse(clock.Elapsed);
        KillGroup();
        var late = clock.Elapsed.TotalSeconds >= run.LimitSeconds;
        return (process.ExitCode, late && process.ExitCode is LimitExitCode or KilledExitCode, clock.Elapsed);
    }

    // What the program left running goes with it.
    private static void KillGroup()
    {
        var group = System.Threading.Interlocked.Exchange(ref current, 0);
        if (group > 0)
            Native.kill(-group, Kill);
    }
}
