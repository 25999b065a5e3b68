using System.Diagnostics;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A setting of netem for the packets to some hosts (from 1), until it is disposed.</summary>
internal sealed class Netem : IDisposable
{
    private readonly int[] _hosts;

    public Netem(int[] hosts, string setting)
    {
        _hosts = hosts;
        foreach (int host in hosts)
        {
            Run($"impair {host} 0 {setting}");
        }
    }

    public void Dispose()
    {
        foreach (int host in _hosts)
        {
            Run($"heal {host} 0");
        }
    }

    private static void Run(string arguments)
    {
        string script = Path.Combine(Environment.GetEnvironmentVariable("RDMACC_SOFTROCE_DIR")!, "guest", "hosts.sh");
        using Process process = Process.Start(script, arguments.Split(' '));
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
