using System.Diagnostics;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>The interface of a host (from 1) on rail 0 with an MTU of 1500, until it is disposed: its port's is 1024 then, and the others' 4096.</summary>
internal sealed class SmallMtu : IDisposable
{
    private readonly int _host;

    public SmallMtu(int host)
    {
        _host = host;
        Set(1500);
    }

    public void Dispose() => Set(4200);

    private void Set(int mtu)
    {
        using Process process = Process.Start("ip", ["link", "set", "dev", $"e{_host}r0", "mtu", $"{mtu}"]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, process.ExitCode);
    }
}
