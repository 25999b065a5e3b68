using System.Diagnostics;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// What programs have of RDMA, by the kernel's own lists (<c>rdma resource show</c>), and this process' open files and the threads of this library in it. The lists do not tell whose an object is; test classes run one
/// after another, and ranks of an earlier one that are still on their way out are waited for.
/// </summary>
internal static class Footprint
{
    /// <summary>What an adapter's memory and the driver's threads take to be gone.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>What <see cref="OfRdma"/> says where no program uses a device.</summary>
    public const string None = "ctx 0, pd 0, cq 0, qp 0, mr 0";

    private static readonly string[] s_kinds = ["ctx", "pd", "cq", "qp", "mr"];

    /// <summary>As in <c>ctx 2, pd 2, cq 2, qp 4, mr 12</c>.</summary>
    public static string OfRdma()
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/bash", ["-ec", $"for kind in {string.Join(' ', s_kinds)}; do echo $kind; rdma resource show $kind; done"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        int[] heads = [.. s_kinds.Select(kind => Array.IndexOf(lines, kind)), lines.Length];
        return string.Join(", ", s_kinds.Select((kind, i) => $"{kind} {lines[heads[i]..heads[i + 1]].Count(IsOfAProgram)}"));
    }

    public static int Files() => Directory.GetFiles("/proc/self/fd").Length;

    /// <summary>Waits until no program has anything of RDMA.</summary>
    public static void AwaitNone()
    {
        long start = Stopwatch.GetTimestamp();
        string seen = OfRdma();
        while (seen != None && Stopwatch.GetElapsedTime(start) < Bound)
        {
            Thread.Sleep(100);
            seen = OfRdma();
        }

        Assert.Equal(None, seen);
    }

    // The kernel has a queue pair, a queue and a domain of each device for itself.
    private static bool IsOfAProgram(string line) => line.Contains("rxe", StringComparison.Ordinal) && !line.Contains(" comm [", StringComparison.Ordinal);

    /// <summary>Those of this library.</summary>
    public static int Threads() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("rdmacc", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has just ended
        }
    });
}
