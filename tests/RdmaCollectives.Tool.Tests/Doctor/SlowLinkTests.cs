using System.Globalization;
using System.Text.Json;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>Three hosts with a cable between every two, one of which carries little.</summary>
public sealed class SlowLinkTests(ITestOutputHelper output)
{
    private const int Hosts = 3;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void Matrix_OneSlowCable_NamesItsPairAndNoOther(int low, int high)
    {
        string? whyNot = MeshedHosts.WhyNot();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        using var hosts = new MeshedHosts(Hosts);
        hosts.Slow(low, high, "80mbit");
        JsonElement report = Examine(hosts);
        JsonElement slow = Assert.Single(report.GetProperty("pairs").EnumerateArray(), finding => finding.GetProperty("check").GetString() == "slow-pair");
        output.WriteLine(slow.ToString());
        Assert.Equal("warning", slow.GetProperty("severity").GetString());
        Assert.Equal([low, high], slow.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetInt32()));
        Assert.Equal([(low, high)], report.GetProperty("matrix").EnumerateArray().Where(pair => pair.GetProperty("isSlow").GetBoolean()).Select(pair => (pair.GetProperty("low").GetInt32(), pair.GetProperty("high").GetInt32())));

        // 80 Mbit/s are 10 MB/s; headers take some, and the bucket lets a first burst through.
        JsonElement measured = report.GetProperty("matrix").EnumerateArray().Single(pair => pair.GetProperty("isSlow").GetBoolean());
        Assert.InRange(measured.GetProperty("forwardGBps").GetDouble(), 0.002, 0.012);
        Assert.InRange(measured.GetProperty("backwardGBps").GetDouble(), 0.002, 0.012);
        Assert.Contains("MB/s, where the median of 3 pairs is ", slow.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Interfaces_WithASmallMtu_AreFoundOnTheirHost()
    {
        string? whyNot = MeshedHosts.WhyNot();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        using var hosts = new MeshedHosts(Hosts);
        hosts.RunOn(2, "ip", "link", "set", MeshedHosts.Link(2, 0), "mtu", "1280");
        JsonElement[] examined = [.. Examine(hosts).GetProperty("hosts").EnumerateArray()];
        Assert.Equal(Hosts, examined.Length);
        for (int host = 0; host < Hosts; host++)
        {
            string[] warnings = [.. examined[host].GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("severity").GetString() == "warning").Select(finding => finding.GetProperty("text").GetString()!)];
            Assert.Equal(host == 2 ? 1 : 0, warnings.Length);
            Assert.All(warnings, text => Assert.StartsWith("to0from2 has an MTU of 1280", text, StringComparison.Ordinal));
        }
    }

    private static JsonElement Examine(MeshedHosts hosts)
    {
        RunningTool[] ranks = [.. Enumerable.Range(0, Hosts).Select(rank => RunningTool.StartBehind(hosts.Starter(rank), Variables(rank), "doctor", "--only", "interfaces", "--matrix", "--json"))];
        try
        {
            ToolResult[] results = [.. ranks.Select(rank => rank.WaitForEnd())];
            Assert.All(results, result => Assert.True(result.ExitCode == 0, result.ToString()));
            Assert.All(results[1..], result => Assert.Empty(result.Output));
            return JsonDocument.Parse(results[0].Output).RootElement;
        }
        finally
        {
            Array.ForEach(ranks, rank => rank.Dispose());
        }
    }

    private static (string, string)[] Variables(int rank) =>
    [
        ("RDMACC_RANK", rank.ToString(CultureInfo.InvariantCulture)),
        ("RDMACC_WORLD_SIZE", Hosts.ToString(CultureInfo.InvariantCulture)),
        ("RDMACC_RENDEZVOUS", $"{MeshedHosts.Address(0)}:29557"),
        ("RDMACC_HOST_RENDEZVOUS", "1"),
        ("RDMACC_SECRET", "a secret of these three hosts"),
        ("RDMACC_HOST_ID", $"host{rank}"),
    ];
}
