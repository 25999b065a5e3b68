using System.Diagnostics;
using System.Text.Json;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>The tool over verbs: every result of every size is the exact one.</summary>
public sealed class PerfTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Fact]
    public void Perf_AllReduceOfTwoHosts_8BytesTo2MiB_NothingIsWrong()
    {
        string json = Path.GetTempFileName();
        // A launcher has no option for a device per rank: the shell in between takes the one of the rank's host.
        (int exitCode, string text) = Run(
            WorkerGroup.PathOf("RdmaCollectives.Tool", "rdmacc"),
            "run", "-n", "2", "--host-id-per-rank", "--transport", "verbs", "--", "/bin/sh", "-c", "RDMACC_DEVICE=rxe$((RDMACC_RANK + 1))r0 exec \"$0\" \"$@\"",
            WorkerGroup.PathOf("RdmaCollectives.Tool", "rdmacc"), "perf", "all_reduce", "-b", "8", "-e", "2M", "-f", "8", "-n", "3", "-w", "1", "--in-place", "no", "--json", json);
        output.WriteLine(text);
        Assert.Equal(0, exitCode);

        JsonElement[] rows = [.. File.ReadLines(json).Select(line => JsonElement.Parse(line))];
        Assert.Equal([8, 64, 512, 4096, 32_768, 262_144, 2_097_152], rows.Select(row => row.GetProperty("bytes").GetInt64()));
        Assert.All(rows, row =>
        {
            Assert.Equal(0, row.GetProperty("wrong").GetInt64());
            Assert.Equal(2, row.GetProperty("ranks").GetInt32());
            Assert.Equal("verbs", row.GetProperty("transport").GetString());
        });
        File.Delete(json);
    }

    private static (int ExitCode, string Text) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> standardOutput = process.StandardOutput.ReadToEndAsync();
        Task<string> standardError = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Deadline))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} still ran after {Deadline.TotalSeconds} s: {standardOutput.Result}{standardError.Result}");
        }

        return (process.ExitCode, standardOutput.Result + standardError.Result);
    }
}
