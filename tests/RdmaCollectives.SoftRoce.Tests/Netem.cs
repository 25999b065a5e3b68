namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A setting of netem for the packets to some hosts (from 1) on a rail, until it is disposed.</summary>
internal sealed class Netem : IDisposable
{
    private readonly int[] _hosts;
    private readonly int _rail;

    public Netem(int[] hosts, string setting, int rail = 0)
    {
        _hosts = hosts;
        _rail = rail;
        foreach (int host in hosts)
        {
            SoftRoceHosts.Change($"impair {host} {rail} {setting}");
        }
    }

    public void Dispose()
    {
        foreach (int host in _hosts)
        {
            SoftRoceHosts.Change($"heal {host} {_rail}");
        }
    }
}
