using System.Collections.Concurrent;
using System.Diagnostics;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>The control plane of ranks that live in one process: the same meaning as between processes, over shared memory of the process itself.</summary>
internal sealed class LocalControlPlane : IControlPlane
{
    private readonly LocalExchange _exchange;
    private int _round;

    public LocalControlPlane(LocalExchange exchange, int rank)
    {
        _exchange = exchange;
        Rank = rank;
        exchange.Members[rank] = this;
    }

    public int Rank { get; }

    public int WorldSize => _exchange.Members.Length;

    public FaultState Faults { get; } = new();

    public Action? FaultArrived { get; set; }

    public Func<ulong, CallDescription?>? CallOf { get; set; }

    public byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout)
    {
        int round = _round++;
        _exchange.Put((round, Rank, WorldSize), mine.ToArray());
        var all = new byte[WorldSize][];
        for (int rank = 0; rank < all.Length; rank++)
        {
            all[rank] = Wait((round, rank, WorldSize), rank, timeout, remove: false);
        }

        return all;
    }

    public void SendToPeer(int peer, ulong key, ReadOnlySpan<byte> blob) => _exchange.Put((-1 - (int)key, Rank, peer), blob.ToArray());

    public byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout) => Wait((-1 - (int)key, peer, Rank), peer, timeout, remove: true);

    public void Report(Fault fault)
    {
        foreach (LocalControlPlane? member in _exchange.Members)
        {
            if (member is { _left: false } && member.Faults.TrySet(fault))
            {
                member.FaultArrived?.Invoke();
            }
        }

        _exchange.Pulse();
    }

    public CallDescription? AskCall(int peer, ulong sequence, TimeSpan timeout) => _exchange.Members[peer]?.CallOf?.Invoke(sequence);

    public void Leave() => _left = true;

    public void Dispose() => _left = true;

    private volatile bool _left;

    private byte[] Wait((int Round, int From, int To) key, int peer, TimeSpan timeout, bool remove)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_exchange.TryTake(key, remove, out byte[]? blob))
            {
                return blob;
            }

            if (Faults.Current is { } fault)
            {
                throw new CommunicatorFaultException(fault, null, 0);
            }

            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new RendezvousException($"Rank {Rank} waited {timeout.TotalSeconds:0.#} s for rank {peer}, which did not come: every rank of the group must be created.", Rank, peer);
            }

            _exchange.WaitForChange(left);
        }
    }
}
