using System.Text.Json;
using System.Xml.Linq;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Tests;

/// <summary>What the tool tells about itself and about this host.</summary>
public class InformationTests
{
    [Fact]
    public void Version_IsThatOfAllPackages()
    {
        string expected = XDocument.Load(RepositoryFile.Find("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        ToolResult run = RunningTool.Run("--version");
        Assert.Equal((0, $"{expected}\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("", "rdmacc perf all_reduce")]
    [InlineData("perf", "rdmacc perf all_reduce --ranks 2 --transport tcp -e 1M")]
    [InlineData("perf write_bw", "rdmacc perf write_bw node1 ")]
    [InlineData("perf atomic_lat", "rdmacc perf atomic_lat --loopback")]
    [InlineData("schedule", "rdmacc schedule verify mine.json")]
    [InlineData("schedule list", "rdmacc schedule list --ranks 16 --local-ranks 4")]
    [InlineData("schedule show", "rdmacc schedule show broadcast/tree --ranks 5 --root 2")]
    [InlineData("schedule verify", "rdmacc schedule verify all_reduce/double-tree --ranks 1000")]
    [InlineData("schedule draw", "rdmacc schedule draw mine.json --ranks 4 -o mine.svg")]
    [InlineData("run", "rdmacc run -n 2 --transport tcp -- ./program")]
    [InlineData("inspect", "rdmacc inspect dumps/*.json --timeline")]
    [InlineData("devices", "rdmacc devices --json")]
    [InlineData("doctor", "rdmacc doctor --ranks 4 --matrix")]
    [InlineData("config", "RDMACC_TIMEOUT=30 rdmacc config --json")]
    public void Help_HasExamplesAndExitCodes(string command, string example)
    {
        ToolResult run = RunningTool.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains(example, run.Output, StringComparison.Ordinal);
        Assert.Contains("  2    bad arguments or options", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_SaysWhereEachValueComesFrom()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "RDMACC_SLOTS = 8\n");
            ToolResult run = RunningTool.Run([("RDMACC_CONFIG_FILE", file), ("RDMACC_TIMEOUT", "30"), ("RDMACC_SECRET", "a secret of sufficient length")], "config", "--json");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Dictionary<string, JsonElement> options = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().ToDictionary(option => option.GetProperty("variable").GetString()!, StringComparer.Ordinal);
            Assert.Equal(("30", "Environment", "RDMACC_TIMEOUT"), Of("RDMACC_TIMEOUT"));
            Assert.Equal(("8", "File", $"{file}:1"), Of("RDMACC_SLOTS"));
            Assert.Equal("Default", Of("RDMACC_CHANNELS").Item2);
            Assert.DoesNotContain("sufficient length", run.Output, StringComparison.Ordinal);

            (string?, string?, string?) Of(string variable) =>
                (options[variable].GetProperty("value").GetString(), options[variable].GetProperty("source").GetString(), options[variable].GetProperty("origin").GetString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Config_ForPeople_NamesEveryOption()
    {
        ToolResult run = RunningTool.Run([("RDMACC_SLOTS", "3")], "config");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("RDMACC_SLOTS", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.All(new CommunicatorOptions().Describe(), option => Assert.Contains(option.Variable, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Devices_None_SaysWhyWithExitCode3()
    {
        Assert.SkipWhen(VerbsLibrary.IsSupported, "This host has an RDMA device.");
        ToolResult run = RunningTool.Run("devices");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Equal($"rdmacc: {VerbsLibrary.NotSupportedReason}", Assert.Single(run.ErrorLines));
        Assert.Equal(3, RunningTool.Run("perf", "all_reduce", "--transport", "verbs").ExitCode);
        Assert.Equal(3, RunningTool.Run("perf", "all", "--transports", "shm,verbs").ExitCode);
        run = RunningTool.Run("perf", "write_bw", "--loopback");
        Assert.Equal((3, "", $"rdmacc: {VerbsLibrary.NotSupportedReason}"), (run.ExitCode, run.Output, Assert.Single(run.ErrorLines)));
    }

    [Fact]
    public void Devices_Present_TheChosenGidIsMarked()
    {
        Assert.SkipUnless(VerbsLibrary.IsSupported, VerbsLibrary.NotSupportedReason ?? "");
        ToolResult run = RunningTool.Run("devices", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement[] devices = [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];
        Assert.Equal(RdmaDevice.GetDevices().Select(device => device.Name), devices.Select(device => device.GetProperty("name").GetString()), StringComparer.Ordinal);
        foreach (JsonElement port in devices.SelectMany(device => device.GetProperty("ports").EnumerateArray()))
        {
            JsonElement[] chosen = [.. port.GetProperty("gids").EnumerateArray().Where(gid => gid.GetProperty("isChosen").GetBoolean())];
            Assert.True(chosen.Length <= 1);
            Assert.All(chosen, gid => Assert.Contains(gid.GetProperty("gid").GetString()!, port.GetProperty("choice").GetString(), StringComparison.Ordinal));
        }

        Assert.All(devices, device => Assert.Contains(device.GetProperty("name").GetString()!, RunningTool.Run("devices").Output, StringComparison.Ordinal));
    }
}
