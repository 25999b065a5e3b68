using System.Diagnostics;

namespace RdmaCollectives.Testing;

/// <summary>
/// What a fence promises, between processes: a rank is stopped in the middle of a call, another aborts, those that live fill their buffers the moment their call throws, the stopped one goes on. Then every byte is
/// compared, and no rank may have had a result that is not the sum.
/// </summary>
public static class FenceCase
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The answers of all ranks to the last question; each must be "ok intact".</summary>
    /// <param name="group">At least two ranks, none at fault.</param>
    /// <param name="stopped">The rank that is stopped; not 0, which aborts.</param>
    /// <param name="memory"><c>array</c> or <c>allocated</c>.</param>
    /// <param name="call"><c>all-reduce</c>, in which the stopped rank needs more from the others when it goes on; or <c>broadcast</c>, of which all that it needs may lie ready.</param>
    /// <param name="deadline">For each answer.</param>
    /// <param name="communicator">Of these ranks: the world, or a split of it, so that the group can be used on.</param>
    /// <param name="hearsLast">When the stopped rank goes on, its thread that runs the call goes on before the one that hears of the fault.</param>
    public static string[] Run(WorkerGroup group, int stopped, string memory, string call, TimeSpan deadline, string communicator = "world", bool hearsLast = false)
    {
        if (hearsLast)
        {
            HoldBackNews(group.ProcessId(stopped));
        }

        Require(group.Tell($"fence-loop {communicator} {(call == "broadcast" ? 50_003 : 1_000_003)} {memory} {call}", deadline), "ok");
        Thread.Sleep(Pause);
        Signal(group, stopped, "STOP");
        try
        {
            Thread.Sleep(Pause);
            group.Send(0, $"on {communicator} abort");
            Require([group.Read(0, deadline)], "ok");
            foreach (int rank in Enumerable.Range(0, group.Count).Where(rank => rank != stopped))
            {
                group.Send(rank, "fence-filled");
                Require([group.Read(rank, deadline)], "ok filled");
            }
        }
        finally
        {
            Signal(group, stopped, "CONT");
        }

        group.Send(stopped, "fence-filled");
        Require([group.Read(stopped, deadline)], "ok filled");
        Thread.Sleep(Pause);
        return group.Tell("fence-compare", deadline);
    }

    // All threads on one processor, and the control thread only when no other of them can run (sched(7), SCHED_IDLE).
    private static void HoldBackNews(int process)
    {
        string control = Directory.GetDirectories($"/proc/{process}/task").Single(task => File.ReadAllText($"{task}/comm").Trim() == "rdmacc control");
        string allowed = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
        Tool("taskset", "--all-tasks", "--cpu-list", "--pid", allowed.Split(',', '-')[0], $"{process}");
        Tool("chrt", "--idle", "--pid", "0", Path.GetFileName(control));
    }

    private static void Tool(string name, params string[] arguments)
    {
        using Process tool = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {tool.ExitCode}.");
        }
    }

    private static void Require(string[] answers, string start)
    {
        foreach (string answer in answers)
        {
            if (!answer.StartsWith(start, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"A rank answered '{answer}' in place of '{start}'.");
            }
        }
    }

    private static void Signal(WorkerGroup group, int rank, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{group.ProcessId(rank)}"]);
        kill.WaitForExit();
    }
}
