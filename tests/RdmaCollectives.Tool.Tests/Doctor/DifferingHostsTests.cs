using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>Hosts that differ, as far as one machine can have them: by limits of their processes, and as network namespaces.</summary>
public class DifferingHostsTests
{
    [Fact]
    public void LockedMemory_OneRankHasLess_IsFoundBetweenHosts()
    {
        Assert.SkipUnless(CanDropCapability(), "setpriv(1) of util-linux, or what it needs, is not here.");
        const string script = "ulimit -l $((64 * (RANK < 2 ? 2 : 1))); exec setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock \"$@\"";
        ToolResult run = RunningTool.Run("run", "-n", "3", "--no-prefix", "--host-id-per-rank", "--", "sh", "-c", script, "sh", RunningTool.Path, "doctor", "--json", "--only", "locked-memory");
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        JsonElement finding = Assert.Single(report.GetProperty("comparison").EnumerateArray());
        Assert.Equal(("locked-memory", 2), (finding.GetProperty("check").GetString(), Assert.Single(finding.GetProperty("ranks").EnumerateArray()).GetInt32()));
        Assert.Contains("(ranks 0 and 1): 128 KiB; host ", finding.GetProperty("evidence").GetString(), StringComparison.Ordinal);
        Assert.Contains("(rank 2): 64 KiB", finding.GetProperty("evidence").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("ok", finding.GetProperty("severity").GetString(), StringComparer.Ordinal);
        Assert.Equal([131_072, 131_072, 65_536], report.GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("facts").GetProperty("lockedMemory").GetProperty("bytes").GetInt32()));
    }

    /// <summary>Two ends of one cable, in one network, with an MTU each; a warning counts for --strict.</summary>
    [Theory]
    [InlineData(1400, 5)]
    [InlineData(1500, 0)]
    public void Interfaces_TwoEndsOfACable_AreCompared(int mtu, int exitCode)
    {
        string? whyNot = MeshedHosts.WhyNot();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        using var hosts = new MeshedHosts(2);
        hosts.RunOn(0, "ip", "address", "add", "10.87.0.1/24", "dev", MeshedHosts.Link(0, 1));
        hosts.RunOn(1, "ip", "address", "add", "10.87.0.2/24", "dev", MeshedHosts.Link(1, 0));
        hosts.RunOn(1, "ip", "link", "set", MeshedHosts.Link(1, 0), "mtu", mtu.ToString(CultureInfo.InvariantCulture));
        RunningTool[] ranks = [.. Enumerable.Range(0, 2).Select(rank => RunningTool.StartBehind(hosts.Starter(rank), Variables(rank), "doctor", "--only", "interfaces", "--strict", "--json"))];
        try
        {
            ToolResult result = ranks.Select(rank => rank.WaitForEnd()).ToArray()[0];
            Assert.True(result.ExitCode == exitCode, result.ToString());
            JsonElement finding = Assert.Single(JsonDocument.Parse(result.Output).RootElement.GetProperty("comparison").EnumerateArray());
            Assert.Equal(exitCode == 0 ? "ok" : "warning", finding.GetProperty("severity").GetString());
            if (exitCode != 0)
            {
                Assert.StartsWith("The MTU of 10.87.0.0/24 differs: 1400 on host ", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
                Assert.Equal(1, Assert.Single(finding.GetProperty("ranks").EnumerateArray()).GetInt32());
            }
        }
        finally
        {
            Array.ForEach(ranks, rank => rank.Dispose());
        }
    }

    /// <summary>Nothing to compare on one host: that is no all-clear.</summary>
    [Fact]
    public void Only_AComparisonOnOneHost_IsAMistake()
    {
        ToolResult run = RunningTool.Run("doctor", "--only", "clock-skew");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("rdmacc: --only clock-skew: that compares hosts, and there is only this one.", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private static bool CanDropCapability()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("setpriv", ["--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "true"]) { UseShellExecute = false, RedirectStandardError = true })!;
            return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static (string, string)[] Variables(int rank) =>
    [
        ("RDMACC_RANK", rank.ToString(CultureInfo.InvariantCulture)),
        ("RDMACC_WORLD_SIZE", "2"),
        ("RDMACC_RENDEZVOUS", "10.87.0.1:29558"),
        ("RDMACC_HOST_RENDEZVOUS", "1"),
        ("RDMACC_SECRET", "a secret of these two hosts"),
        ("RDMACC_HOST_ID", $"host{rank}"),
    ];
}
