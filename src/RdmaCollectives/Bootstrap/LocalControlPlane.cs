using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The control plane of ranks that live in one process: the same rules, with mailboxes in place of sockets. There is no control thread: <see cref="FaultArrived"/> and
/// <see cref="CallOf"/> are called on the thread of the rank that reports or asks, which is why neither may block.
/// </summary>
internal sealed class LocalControlPlane : IControlPlane
{
    private readonly LocalControlPlane[] _group;
    private readonly Mailbox _mailbox;
    private ulong _round;
    private int _told;
    private volatile bool _left;

    private LocalControlPlane(int rank, LocalControlPlane[] group)
    {
        Rank = rank;
        _group = group;
        _mailbox = new Mailbox(rank, group.Length, Faults);
    }

    public int Rank { get; }

    public int WorldSize => _group.Length;

    public FaultState Faults { get; } = new();

    public Action? FaultArrived { get; set; }

    public Func<ulong, CallDescription?>? CallOf { get; set; }

    /// <summary>The control planes of ranks 0..<paramref name="worldSize"/>-1.</summary>
    public static LocalControlPlane[] CreateGroup(int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        var group = new LocalControlPlane[worldSize];
        for (int rank = 0; rank < worldSize; rank++)
        {
            group[rank] = new LocalControlPlane(rank, group);
        }

        return group;
    }

    public byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout)
    {
        CheckBlob(mine.Length);
        _mailbox.ThrowIfFault();
        ulong round = ++_round;
        foreach (LocalControlPlane member in _group)
        {
            if (!member._left)
            {
                member._mailbox.PutPart(round, Rank, mine.ToArray());
            }
        }

        return _mailbox.TakeRound(round, timeout, out int leaver) ?? throw Left(leaver);
    }

    public void SendToPeer(int peer, ulong key, ReadOnlySpan<byte> blob)
    {
        CheckBlob(blob.Length);
        Peer(peer)._mailbox.PutBlob(Rank, key, blob.ToArray());
    }

    public byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout)
    {
        _ = Peer(peer);
        return _mailbox.TakeBlob(peer, key, timeout) ?? throw Left(peer);
    }

    public void Report(Fault fault)
    {
        Faults.TrySet(fault);
        _mailbox.Wake();
        if (ReferenceEquals(Faults.Current, fault) && Interlocked.Exchange(ref _told, 1) == 0)
        {
            TellOthers(fault);
        }
    }

    public CallDescription? AskCall(int peer, ulong sequence, TimeSpan timeout) => Peer(peer).CallOf?.Invoke(sequence);

    public bool HasLeft(int peer) => _mailbox.HasLeft(peer);

    public void Leave()
    {
        if (!_left)
        {
            _left = true;
            foreach (LocalControlPlane member in _group)
            {
                if (member != this)
                {
                    member._mailbox.MarkLeft(Rank);
                }
            }
        }

        _mailbox.Close("This rank has left the control plane.");
    }

    public void Dispose()
    {
        if (!_left)
        {
            _left = true;
            TellOthers(new Fault
            {
                Error = Error.PeerDied,
                Reporter = -1,
                Peer = Rank,
                Message = $"Rank {Rank} of this process went without a goodbye. Start the job again.",
            });
        }

        _mailbox.Close("The control plane was disposed.");
    }

    private void TellOthers(Fault fault)
    {
        foreach (LocalControlPlane member in _group)
        {
            if (member != this)
            {
                member.Hear(fault);
            }
        }
    }

    private void Hear(Fault fault)
    {
        if (!_left && Faults.TrySet(fault))
        {
            _mailbox.Wake();
            FaultArrived?.Invoke();
        }
    }

    private CommunicatorFaultException Left(int peer)
    {
        Report(ControlPlaneFaults.PeerLeft(Rank, peer));
        return new CommunicatorFaultException(Faults.Current!, operation: null, sequence: 0);
    }

    private LocalControlPlane Peer(int peer) =>
        (uint)peer < (uint)_group.Length ? _group[peer] : throw new ArgumentOutOfRangeException(nameof(peer), peer, $"A rank is 0 to {_group.Length - 1}.");

    private static void CheckBlob(int byteCount)
    {
        if (byteCount > WireProtocol.MaxBlobBytes)
        {
            throw new ArgumentException($"A blob of {byteCount} bytes does not fit: at most {WireProtocol.MaxBlobBytes}.");
        }
    }
}
