using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>
/// Hosts on this machine, as network namespaces, with a cable of its own between every two: so one pair alone can be made slow. A host has one address, on the ends of all its cables. Needs root, iproute2 and
/// util-linux.
/// </summary>
internal sealed class MeshedHosts : IDisposable
{
    private readonly Process[] _holders; // a namespace lives as long as a process in it

    public MeshedHosts(int count)
    {
        _holders = [.. Enumerable.Range(0, count).Select(_ => Hold())];
        try
        {
            for (int host = 0; host < count; host++)
            {
                RunOn(host, "ip", "link", "set", "lo", "up");
            }

            for (int low = 0; low < count; low++)
            {
                for (int high = low + 1; high < count; high++)
                {
                    Connect(low, high);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyNot()
    {
        try
        {
            Run("unshare", "--net", "sh", "-c", "ip link add rdcda type veth peer name rdcdb && tc qdisc add dev rdcda root tbf rate 10mbit burst 32kbit latency 400ms");
            return null;
        }
        catch (Exception e)
        {
            return $"hosts with a slow link between two of them need root, network namespaces, ip(8) and tc-tbf(8): {e.Message}";
        }
    }

    public static string Address(int host) => $"10.86.0.{Text(host + 1)}";

    /// <summary>
    /// Words in front of a program that is to run on a host. It numbers its processes itself, or they would be watched from other hosts by the one kernel that there is, and has a /sys of its own: that shows
    /// the interfaces of the namespace in which it was mounted.
    /// </summary>
    public IReadOnlyList<string> Starter(int host) => ["nsenter", "--target", Text(_holders[host].Id), "--net", "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", "mount -t sysfs sysfs /sys && exec \"$@\"", "sh"];

    /// <summary>Both directions of one cable carry so much and no more.</summary>
    public void Slow(int low, int high, string rate)
    {
        RunOn(low, "tc", "qdisc", "add", "dev", Link(low, high), "root", "tbf", "rate", rate, "burst", "64kb", "latency", "400ms");
        RunOn(high, "tc", "qdisc", "add", "dev", Link(high, low), "root", "tbf", "rate", rate, "burst", "64kb", "latency", "400ms");
    }

    public void RunOn(int host, params string[] words) => Run("nsenter", ["--target", Text(_holders[host].Id), "--net", .. words]);

    /// <summary>The end at a host of its cable to another.</summary>
    public static string Link(int host, int other) => $"to{Text(other)}from{Text(host)}";

    public void Dispose()
    {
        foreach (Process holder in _holders)
        {
            holder.Kill();
            holder.WaitForExit(5000);
            holder.Dispose();
        }
    }

    private void Connect(int low, int high)
    {
        // Made at the one host, so that the machine itself never has an interface of that name.
        RunOn(low, "ip", "link", "add", Link(low, high), "type", "veth", "peer", "name", Link(high, low), "netns", Text(_holders[high].Id));
        foreach ((int host, int other) in ((int, int)[])[(low, high), (high, low)])
        {
            RunOn(host, "ip", "address", "add", $"{Address(host)}/32", "dev", Link(host, other));
            RunOn(host, "ip", "link", "set", Link(host, other), "up");
            RunOn(host, "ip", "route", "add", $"{Address(other)}/32", "dev", Link(host, other), "src", Address(host));
        }
    }

    private static Process Hold()
    {
        Process holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo there; exec sleep 600"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.Equal("there", holder.StandardOutput.ReadLine());
        return holder;
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Trim()}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
