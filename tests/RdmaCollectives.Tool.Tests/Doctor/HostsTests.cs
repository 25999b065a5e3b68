using System.Diagnostics;
using System.Text.Json;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary><c>rdmacc doctor --hosts</c>: hosts over a stand-in for ssh, those that can't be reached, and those that stop in the middle.</summary>
public class HostsTests
{
    [Fact]
    public void Hosts_ThatAreAlike_AreExaminedComparedAndMeet()
    {
        using var hosts = new SshHosts();
        ToolResult run = hosts.Doctor("a,b,c", "--json", "--only", "clock,clock-skew,library-version", "--matrix");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Empty(run.Error);
        JsonElement report = SshHosts.Report(run);
        Assert.Equal([("a", 0), ("b", 1), ("c", 2)], report.GetProperty("hosts").EnumerateArray().Select(host => (host.GetProperty("host").GetString()!, host.GetProperty("ranks")[0].GetInt32())));
        Assert.All(report.GetProperty("hosts").EnumerateArray(), host => Assert.Equal("clock", Assert.Single(host.GetProperty("findings").EnumerateArray()).GetProperty("check").GetString()));
        Assert.Equal(["clock-skew ok", "library-version ok"], Findings(report, "comparison"), StringComparer.Ordinal);
        Assert.StartsWith("The clocks of 3 hosts differ by at most ", report.GetProperty("comparison")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("transports ok", Findings(report, "pairs"), StringComparer.Ordinal);
        Assert.Equal(["tcp", "tcp", "tcp"], report.GetProperty("matrix").EnumerateArray().Select(pair => pair.GetProperty("transport").GetString()), StringComparer.Ordinal);
        JsonElement clock = report.GetProperty("hosts")[2].GetProperty("facts").GetProperty("clock");
        Assert.InRange(Math.Abs(clock.GetProperty("aheadSeconds").GetDouble()), 0, clock.GetProperty("uncertaintySeconds").GetDouble() + 0.001); // it is one clock
    }

    /// <summary>All that a command line shows is this: other users can read it.</summary>
    [Fact]
    public void CommandLine_OfSsh_HasNoSecretAndAsksNothing()
    {
        using var hosts = new SshHosts();
        ToolResult run = hosts.Doctor("a,user@b", "--json", "--only", "clock", "--host-timeout", "50");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal([.. new[] { "a", "user@b" }.Select(host => $"-o|BatchMode=yes|-o|ConnectTimeout=10|{host}|{RunningTool.Path} doctor --agent|")], hosts.Calls.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Host_ThatDiffers_IsNamed()
    {
        using var hosts = new SshHosts("b) set -- sh -c 'ulimit -l 64; exec setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock \"$@\"' sh \"$@\" ;;");
        ToolResult run = hosts.Doctor("a,b,c", "--json", "--only", "locked-memory");
        Assert.SkipWhen(run.Error.Contains("setpriv", StringComparison.Ordinal), run.Error);
        JsonElement finding = Assert.Single(SshHosts.Report(run).GetProperty("comparison").EnumerateArray());
        Assert.StartsWith("Limits on locked memory differ: host b may lock 64 KiB, others more.", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(finding.GetProperty("ranks").EnumerateArray()).GetInt32());
    }

    [Fact]
    public void Hosts_ThatAreNotReached_CostTheirOwnLineEach()
    {
        using var hosts = new SshHosts("""
            gone) echo 'ssh: Could not resolve hostname gone: Name or service not known' >&2; exit 255 ;;
            bare) set -- sh -c 'exec no-such-rdmacc doctor --agent' ;;
            old) echo "rdmacc: '--agent' is not an option of doctor." >&2; exit 2 ;;
            """);
        ToolResult run = hosts.Doctor("a,gone,b,bare,old", "--json", "--only", "clock,library-version");
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.Equal(3, run.ErrorLines.Length);
        Assert.Contains(run.ErrorLines, line => line.StartsWith("rdmacc: Host gone was not examined: ssh: Could not resolve hostname gone: Name or service not known. '", StringComparison.Ordinal) && line.Contains("true' has to work without a question", StringComparison.Ordinal));
        Assert.Contains(run.ErrorLines, line => line.StartsWith("rdmacc: Host bare was not examined: ", StringComparison.Ordinal) && line.Contains("not found (exit code 127). Install rdmacc there, or say where it is: --remote-program", StringComparison.Ordinal));
        Assert.Contains(run.ErrorLines, line => line.StartsWith("rdmacc: Host old was not examined: rdmacc: '--agent' is not an option of doctor (it ended with exit code 2).", StringComparison.Ordinal));
        JsonElement report = SshHosts.Report(run);
        Assert.Equal(["a", "b"], report.GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("host").GetString()), StringComparer.Ordinal);
        Assert.Equal(["hosts problem", "hosts problem", "hosts problem", "library-version ok"], Findings(report, "comparison"), StringComparer.Ordinal);
        Assert.Contains("transports ok", Findings(report, "pairs"), StringComparer.Ordinal);
    }

    [Fact]
    public void Host_ThatHangs_IsGivenUpAndEnded()
    {
        using var hosts = new SshHosts("mute) echo $$ > \"$0.process\"; exec sleep 600 ;;");
        var clock = Stopwatch.StartNew();
        ToolResult run = hosts.Doctor("a,mute", "--json", "--only", "clock", "--host-timeout", "4");
        Assert.InRange(clock.Elapsed.TotalSeconds, 4, 30);
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.StartsWith("rdmacc: Host mute was not examined: it did not answer within 4 s. Try '", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(SshHosts.Report(run).GetProperty("hosts").EnumerateArray()).GetProperty("host").GetString());
        RunningTool.AssertGone(int.Parse(File.ReadAllText(hosts.Place("ssh.process")), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Five lines are the report and some of the clock; the other leaves a process behind that holds its pipes open.</summary>
    [Theory]
    [InlineData("mkfifo \"$0.pipe\"; exec 3<&0; \"$@\" <&3 >\"$0.pipe\" & for n in 1 2 3 4 5; do IFS= read -r line; echo \"$line\"; done <\"$0.pipe\"")]
    [InlineData("sleep 600 &")]
    public void Host_LostInTheMiddle_IsNotExaminedAndNotWaitedFor(string commands)
    {
        using var hosts = new SshHosts($"brief) {commands}\n echo 'Connection to brief closed by remote host.' >&2; exit 255 ;;");
        var clock = Stopwatch.StartNew();
        ToolResult run = hosts.Doctor("a,brief,b", "--json", "--only", "clock", "--host-timeout", "50");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 40);
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.StartsWith("rdmacc: Host brief was not examined: Connection to brief closed by remote host. '", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(2, SshHosts.Report(run).GetProperty("hosts").GetArrayLength());
    }

    /// <summary>The address is one that nobody has (RFC 5737): all were examined, and what was found stays.</summary>
    [Fact]
    public void Hosts_ThatDoNotMeet_AreReportedAllTheSame()
    {
        using var hosts = new SshHosts();
        ToolResult run = hosts.Doctor([("RDMACC_JOIN_TIMEOUT", "3")], "a,b", "--json", "--only", "clock,library-version", "--address", "192.0.2.1");
        Assert.True(run.ExitCode == 4, run.ToString());
        JsonElement report = SshHosts.Report(run);
        Assert.Equal(["clock"], report.GetProperty("hosts")[1].GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("check").GetString()), StringComparer.Ordinal);
        Assert.Equal(["library-version ok"], Findings(report, "comparison"), StringComparer.Ordinal);
        Assert.Equal(["join problem"], Findings(report, "pairs"), StringComparer.Ordinal);
        Assert.Contains("192.0.2.1", report.GetProperty("pairs")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--hosts a,,b: '' is no name of a host. Give names as ssh takes them", "--hosts", "a,,b")]
    [InlineData("--hosts a,-oProxyCommand=x: '-oProxyCommand=x' is no name of a host.", "--hosts", "a,-oProxyCommand=x")]
    [InlineData("--hosts a;b: 'a;b' is no name of a host.", "--hosts", "a;b")]
    [InlineData("--hosts a,b,a: a is named twice. Name each host once.", "--hosts", "a,b,a")]
    [InlineData("--ranks 2 does not go with --hosts", "--hosts", "a", "--ranks", "2")]
    [InlineData("--ssh belongs to --hosts", "--ssh", "ssh")]
    [InlineData("--host-timeout 0: allowed are 1 to 3600 seconds.", "--hosts", "a", "--host-timeout", "0")]
    public void Options_ThatMakeNoSense_AreOneLine(string message, params string[] arguments)
    {
        ToolResult run = RunningTool.Run(["doctor", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"rdmacc: {message}", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OfALauncherOrTooManyHosts_AreOneLine()
    {
        ToolResult launched = RunningTool.Run([("RDMACC_RANK", "0")], "doctor", "--hosts", "a");
        Assert.StartsWith("rdmacc: --hosts a: a launcher has started this process already", Assert.Single(launched.ErrorLines), StringComparison.Ordinal);
        ToolResult many = RunningTool.Run("doctor", "--hosts", string.Join(',', Enumerable.Range(0, 257).Select(number => $"n{number}")));
        Assert.StartsWith("rdmacc: --hosts: 257 hosts are named, and allowed are 1 to 256.", Assert.Single(many.ErrorLines), StringComparison.Ordinal);
        Assert.Equal((2, 2), (launched.ExitCode, many.ExitCode));
    }

    [Fact]
    public void Ssh_ThatIsNotThere_IsSaidOnce()
    {
        ToolResult run = RunningTool.Run("doctor", "--hosts", "a,b", "--ssh", "no-such-ssh -p 22");
        Assert.Equal(127, run.ExitCode);
        Assert.StartsWith("rdmacc: no-such-ssh: there is no such program", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    /// <summary>The client itself, on this machine, where nobody listens: its arguments are right, and its words are passed on.</summary>
    [Fact]
    public void Ssh_TheRealOne_RefusedIsToldInItsOwnWords()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Join(folder, "ssh"))), "There is no ssh.");
        ToolResult run = RunningTool.Run("doctor", "--hosts", "127.0.0.1", "--ssh", "ssh -F none -p 1", "--only", "clock");
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.Contains("rdmacc: Host 127.0.0.1 was not examined: ssh: connect to host 127.0.0.1 port 1: Connection refused. 'ssh -F none -p 1 -o BatchMode=yes 127.0.0.1 true' has to work", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Findings(JsonElement report, string part) => report.GetProperty(part).EnumerateArray().Select(finding => $"{finding.GetProperty("check").GetString()} {finding.GetProperty("severity").GetString()}");
}
