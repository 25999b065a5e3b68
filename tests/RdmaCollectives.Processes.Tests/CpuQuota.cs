using System.Globalization;

namespace RdmaCollectives.Processes.Tests;

/// <summary>A control group that has a share of one processor, as a container has. Needs root, and a controller for processor time that may be written to (version 1 or 2 of control groups).</summary>
internal sealed class CpuQuota : IDisposable
{
    private const int PeriodMicroseconds = 100_000;

    private static readonly Lazy<string?> s_whyNot = new(Probe);

    private readonly string _directory;

    /// <param name="processors">How much of the time of one.</param>
    public CpuQuota(double processors)
    {
        string root = Root() ?? throw new InvalidOperationException("There is no place for one.");
        _directory = Path.Combine(root, $"rdcc-{Environment.ProcessId}");
        string quota = ((int)(processors * PeriodMicroseconds)).ToString(CultureInfo.InvariantCulture);
        Directory.CreateDirectory(_directory);
        if (File.Exists(Path.Combine(_directory, "cpu.max")))
        {
            File.WriteAllText(Path.Combine(_directory, "cpu.max"), $"{quota} {PeriodMicroseconds}");
        }
        else
        {
            File.WriteAllText(Path.Combine(_directory, "cpu.cfs_period_us"), PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText(Path.Combine(_directory, "cpu.cfs_quota_us"), quota);
        }
    }

    /// <summary>Why there can be none here; null where there can. Tried once.</summary>
    public static string? WhyNot() => s_whyNot.Value;

    private static string? Probe()
    {
        if (Root() is null)
        {
            return "a quota of processor time needs root and a control group with the cpu controller that may be written to";
        }

        try
        {
            using var probe = new CpuQuota(1);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"no control group for processor time can be made here: {e.Message}";
        }
    }

    /// <summary>Words in front of a program that is to run there.</summary>
    public IReadOnlyList<string> Starter => ["sh", "-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", _directory];

    /// <summary>How often those inside were stopped until the next period.</summary>
    public long Throttled() =>
        long.Parse(File.ReadLines(Path.Combine(_directory, "cpu.stat")).Single(static line => line.StartsWith("nr_throttled ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    public void Dispose()
    {
        // A group can be removed when the last process in it is gone, which may still be on its way out.
        Assert.True(SpinWait.SpinUntil(TryRemove, TimeSpan.FromSeconds(10)), $"{_directory} cannot be removed.");
    }

    private static string? Root() => ((string[])["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"]).FirstOrDefault(static root =>
        File.Exists(Path.Combine(root, "cpu.cfs_quota_us")) || (File.Exists(Path.Combine(root, "cgroup.subtree_control")) && File.ReadAllText(Path.Combine(root, "cgroup.subtree_control")).Split(' ', '\n').Contains("cpu", StringComparer.Ordinal)));

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_directory);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
