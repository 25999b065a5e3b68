namespace RdmaCollectives.Bootstrap;

/// <summary>A rendezvous that this process hosts beside its own rank: it serves the others for as long as they need it.</summary>
internal interface IHostedRendezvous : IDisposable
{
    /// <summary>This rank has left: stop when the last one has.</summary>
    void StopWhenEmpty();
}
