using System.ComponentModel;
using System.Diagnostics;
using RdmaCollectives.Transports.Interop;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// Verbs: one or more rails, each a device port with one completion queue for all connections of the communicator that go over it, and a reliable-connected queue pair per (peer, channel).
/// </summary>
internal sealed unsafe partial class RdmaTransport : Transport
{
    /// <summary>Messages up to this many bytes (with their header) go inline. Devices of today grant at least as much; Soft-RoCE 512.</summary>
    public const int InlineByteCount = 64 + MessageHeader.ByteSize;

    private const int PollBatch = 16;

    /// <summary>After a call has returned the NIC may still be sending for it: how long a dispose lets it finish.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a fence waits for the send queues to be flushed. A queue pair whose flushes do not come by then is destroyed, which waits for the adapter.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lifetime = new();
    private readonly RdmaRail[] _rails;
    private readonly DescriptorSet? _descriptors; // of the rails, where there are several
    private readonly WorkCompletion[] _batch = new WorkCompletion[PollBatch];
    private readonly PathMtu[][] _mtus; // of each rail that a peer has too, by peer
    private readonly List<RdmaConnection> _connections = [];
    private RdmaPath?[] _paths = []; // by index
    private bool _fenced;

    public RdmaTransport(TransportContext context)
        : base(context)
    {
        _mtus = new PathMtu[context.WorldSize][];
        Budget = new RegistrationBudget(context.Options.RegisteredMemory);
        _rails = RdmaRail.OpenAll(context);
        try
        {
            _descriptors = _rails.Length > 1 ? new DescriptorSet([.. _rails.Select(rail => rail.Descriptor)]) : null;
        }
        catch (Win32Exception refused)
        {
            Array.ForEach(_rails, rail => rail.Dispose());
            throw new CollectiveException(Error.Resource, $"The completion channels of {_rails.Length} rails can't be waited for together: {refused.Message}. Raise the limit on open files (ulimit -n), or name fewer devices (RDMACC_DEVICE).", context.Rank, nativeError: refused.NativeErrorCode, innerException: refused);
        }

        Keeper = _rails.Length > 1 && context.SideChannel is { } side ? new PathKeeper(this, _rails, side) : null;
    }

    /// <summary>Moves connections between rails; null where there is one rail.</summary>
    public PathKeeper? Keeper { get; }

    /// <summary>What is registered, and what may be.</summary>
    public RegistrationBudget Budget { get; }

    /// <summary>Entered for every post and for polling: closed, nobody but the fence touches a queue.</summary>
    public FenceGate Gate { get; } = new();

    /// <summary>Whether messages are sealed.</summary>
    public bool IsEncrypted => Context.Options.Encryption == EncryptionScope.All;

    /// <summary>Whether peers may be let write in registered memory of this rank's: neither where every message is sealed, nor where what a peer can write is bound to its queue pair.</summary>
    public bool HasOutputWindows => Context.Options is { Push: true, MemoryWindows: false } && !IsEncrypted;

    /// <summary>The call for which peers may write results in this rank's output.</summary>
    public ulong OpenedCall { get; set; }

    /// <summary>Messages that this rank has written into outputs of others.</summary>
    public long StoredCount { get; internal set; }

    public override string Name => "verbs";

    public override string Description => string.Join("; ", _rails.Select(rail => rail.Description)) + (IsEncrypted ? "; encrypted (AES-256-GCM): every message goes through a slot" : "") + (Context.Options.MemoryWindows ? "; memory windows" : "") + (Context.Options.AdaptiveRouting ? "; announcements behind the data" : "");

    public override int SleepDescriptor => _descriptors?.Descriptor ?? _rails[0].Descriptor;

    /// <summary>A connection was found without credit since the last progress: credit lines come without a completion, so a sleep must be short.</summary>
    public bool WaitsForCredit { get; set; }

    public override byte[] Describe() => RailDescriptions.ToBytes(OwnDescriptions());

    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description)
    {
        if (RailDescriptions.TryRead(description) is not { } others)
        {
            return $"what rank {peer} says of its ports can't be understood: run the same version on all ranks";
        }

        RdmaDescription[] own = OwnDescriptions();
        _mtus[peer] = new PathMtu[Math.Min(own.Length, others.Length)];
        for (int rail = 0; rail < _mtus[peer].Length; rail++)
        {
            if (own[rail].WhyNotReachable(others[rail]) is { } reason)
            {
                return reason;
            }

            _mtus[peer][rail] = (PathMtu)Math.Min((int)own[rail].Mtu, (int)others[rail].Mtu);
        }

        return null;
    }

    public override PendingConnection BeginConnect(int peer, int channelCount) => new RdmaPendingConnection(this, peer, channelCount);

    public override IDisposable? Register(MemoryRegistration registration)
    {
        try
        {
            return new RdmaRegistration(_rails, registration, Budget, HasOutputWindows);
        }
        catch (VerbsException error)
        {
            throw new CollectiveException(Error.Resource, error.Message, Context.Rank, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public override void Progress()
    {
        WaitsForCredit = false;
        if (Gate.TryEnter())
        {
            foreach (RdmaRail rail in _rails)
            {
                PollAll(rail);
            }

            Gate.Leave();
        }
    }

    private void PollAll(RdmaRail rail)
    {
        int count;
        do
        {
            try
            {
                count = rail.Completions.Poll(_batch);
            }
            catch (VerbsException error)
            {
                Failure ??= new TransportFailure(-1, error.ErrorNumber, WithTrouble(rail, error.Message), ConnectionEnded: false);
                return;
            }

            for (int i = 0; i < count; i++)
            {
                Dispatch(_batch[i]);
            }
        }
        while (count == PollBatch);
    }

    /// <summary>A connection that this rank needs has failed.</summary>
    public void Fail(int peer, int status, string message) => Failure ??= new TransportFailure(peer, status, message, ConnectionEnded: true);

    public override bool PrepareSleep()
    {
        try
        {
            foreach (RdmaRail rail in _rails)
            {
                rail.Completions.RequestNotification();
            }

            return !WaitsForCredit;
        }
        catch (VerbsException error)
        {
            Fail(error);
            return false;
        }
    }

    public override void EndSleep()
    {
        try
        {
            foreach (RdmaRail rail in _rails)
            {
                rail.TakeEvents();
            }
        }
        catch (VerbsException error)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// The gate is closed, so nobody posts or polls any more. Then all queue pairs go to ERR: what arrives from then on is refused.
    /// Then every request that was posted is waited for, by count: until it has ended the NIC may still read the caller's memory for it, and, where a peer was let write in the caller's output, may be in the middle of
    /// a packet of it until the receives have been flushed as well.
    /// </summary>
    public override void Fence()
    {
        lock (_lifetime)
        {
            if (_fenced)
            {
                return;
            }

            _fenced = true;
            Gate.Close();
            foreach (RdmaPath? path in _paths)
            {
                path?.Fence();
            }

            AwaitFlushes();
            foreach (RdmaPath? path in _paths)
            {
                if (path is { IsFenced: false })
                {
                    path.Destroy();
                }
            }
        }
    }

    // A marker at the end of a receive queue would never complete (rxe): only what was posted before counts.
    private void AwaitFlushes()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (Array.Exists(_paths, path => path is { IsFenced: false }) && Stopwatch.GetElapsedTime(start) < FlushTime)
            {
                bool isEmpty = true;
                foreach (RdmaRail rail in _rails)
                {
                    int count = rail.Completions.Poll(_batch);
                    isEmpty &= count == 0;
                    for (int i = 0; i < count; i++)
                    {
                        var id = new WorkRequestId(_batch[i].WorkRequestId);
                        _paths[id.Path]?.Ended(id, isSuccess: false);
                    }
                }

                if (isEmpty)
                {
                    Thread.Yield();
                }
            }
        }
        catch (VerbsException)
        {
            // The device is gone; the queue pairs are destroyed below.
        }
    }

    /// <summary>What returned calls have handed to the NIC must arrive before the queue pairs go.</summary>
    public override void Linger()
    {
        long start = Stopwatch.GetTimestamp();
        while (!_fenced && Failure is null && _connections.Exists(connection => !connection.IsQuiet) && Stopwatch.GetElapsedTime(start) < LingerTime)
        {
            Progress();
            Thread.Yield();
        }
    }

    public override void Dispose()
    {
        if (Keeper is { } keeper && !keeper.Stop())
        {
            return; // it is inside the driver, which needs all of this until it comes back
        }

        _retiring.ForEach(thread => thread.Join(LingerTime)); // what the driver still holds then holds its parents
        lock (_lifetime)
        {
            _fenced = true;
            Gate.Close();
            foreach (RdmaPath? path in _paths)
            {
                path?.Dispose();
            }

            _paths = [];
            _connections.ForEach(connection => connection.Dispose());
            _connections.Clear();
        }

        _descriptors?.Dispose();
        foreach (RdmaRail rail in _rails)
        {
            rail.Dispose();
        }
    }

    private RdmaDescription[] OwnDescriptions() => [.. _rails.Select(rail => RdmaDescription.Of(rail.Port))];

    private void Fail(VerbsException error) => Failure ??= new TransportFailure(-1, error.ErrorNumber, error.Message, ConnectionEnded: false);

    private void Dispatch(in WorkCompletion completion)
    {
        var id = new WorkRequestId(completion.WorkRequestId);
        RdmaPath? path = _paths[id.Path];
        if (path is null)
        {
            return;
        }

        path.Ended(id, completion.IsSuccess);
        if (!completion.IsSuccess)
        {
            path.Connection.OnFailed(path, completion);
        }
        else if (id.Kind == WorkKind.Receive)
        {
            path.Connection.OnArrived(path, new Immediate(completion.Immediate), completion.ByteCount);
        }
        else
        {
            path.Connection.OnSent(id);
        }
    }
}
