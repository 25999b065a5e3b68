using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Processes.Tests;

/// <summary>
/// Two hosts on this machine: network namespaces with one link between them, over which all goes that their ranks say to each other, the control plane too. Needs root, and iproute2 and util-linux.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    private const string NobodysAddress = "02:00:00:00:00:99";

    private static readonly Lazy<string?> s_whyNot = new(Probe);

    private readonly Process[] _holders; // a namespace lives as long as a process in it
    private readonly string[] _links;

    public TwoHosts()
    {
        _holders = [Hold(), Hold()];
        string name = $"rdcc{Environment.ProcessId % 100_000}";
        _links = [$"{name}a", $"{name}b"];
        try
        {
            Run("ip", "link", "add", _links[0], "type", "veth", "peer", "name", _links[1]);
            for (int host = 0; host < 2; host++)
            {
                Run("ip", "link", "set", _links[host], "address", HardwareAddress(host), "netns", Text(_holders[host].Id));
                RunOn(host, "ip", "address", "add", $"{Address(host)}/24", "dev", _links[host]);
                RunOn(host, "ip", "link", "set", "lo", "up");
                RunOn(host, "ip", "link", "set", _links[host], "up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none here; null where there can. Tried once.</summary>
    public static string? WhyNot() => s_whyNot.Value;

    private static string? Probe()
    {
        try
        {
            Run("unshare", "--net", "--pid", "--fork", "ip", "link", "add", "rdcca", "type", "veth", "peer", "name", "rdccb");
            return null;
        }
        catch (Exception e)
        {
            return $"two hosts on one machine need root, network namespaces and ip(8): {e.Message}";
        }
    }

    public static string Address(int host) => $"10.87.0.{host + 1}";

    /// <summary>Words in front of a program that is to run on a host. It numbers its processes itself, or they would be watched from the other host, and that by the one kernel that there is.</summary>
    public IReadOnlyList<string> Starter(int host) => ["nsenter", "--target", Text(_holders[host].Id), "--net", "unshare", "--pid", "--fork", "--kill-child"];

    /// <summary>From now on nothing arrives at the other host, and nobody is told: the packets of both go to an address that neither has.</summary>
    public void Cut()
    {
        for (int host = 0; host < 2; host++)
        {
            RunOn(host, "ip", "neighbour", "replace", Address(1 - host), "lladdr", NobodysAddress, "nud", "permanent", "dev", _links[host]);
        }
    }

    /// <summary>Takes the first host's interface down. Its address stays, and nothing leaves or comes.</summary>
    public void TakeDown() => RunOn(0, "ip", "link", "set", _links[0], "down");

    public void Mend()
    {
        for (int host = 0; host < 2; host++)
        {
            RunOn(host, "ip", "neighbour", "replace", Address(1 - host), "lladdr", HardwareAddress(1 - host), "nud", "permanent", "dev", _links[host]);
        }
    }

    public void Dispose()
    {
        foreach (Process holder in _holders)
        {
            holder.Kill();
            holder.WaitForExit(5000);
            holder.Dispose();
        }
    }

    private static string HardwareAddress(int host) => $"02:00:00:00:00:0{host + 1}";

    private static Process Hold()
    {
        Process holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo there; exec sleep 600"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.Equal("there", holder.StandardOutput.ReadLine());
        return holder;
    }

    private string RunOn(int host, params string[] words) => Run("nsenter", ["--target", Text(_holders[host].Id), "--net", .. words]);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Trim()}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
