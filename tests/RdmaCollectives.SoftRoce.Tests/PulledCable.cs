namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A host (from 1) without its cable on a rail, until it is disposed: the port of its device goes down.</summary>
internal sealed class PulledCable : IDisposable
{
    private readonly string _where;

    public PulledCable(int host, int rail)
    {
        _where = $"{host} {rail}";
        SoftRoceHosts.Change($"link_down {_where}");
    }

    public void Dispose() => SoftRoceHosts.Change($"link_up {_where}");
}
