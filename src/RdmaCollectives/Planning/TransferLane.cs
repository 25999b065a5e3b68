namespace RdmaCollectives.Planning;

/// <summary>The transfers in one direction with one peer, in their order; a FIFO carries one after the other.</summary>
internal sealed class TransferLane(int peer, bool isSend)
{
    private int _next;

    public int Peer { get; } = peer;

    public bool IsSend { get; } = isSend;

    public List<Transfer> Transfers { get; } = [];

    /// <summary>The one that is moving, or null when all are through.</summary>
    public Transfer? Current => _next < Transfers.Count ? Transfers[_next] : null;

    public void Advance() => _next++;

    public void Restart() => _next = 0;
}
