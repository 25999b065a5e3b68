using System.Runtime.InteropServices;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// What one end has on its device: memory, queues and queue pairs. For each queue pair the memory has a part that this end sends from (or reads and atomics put their results in), and one that
/// the other end reaches; both ends lay it out alike.
/// </summary>
internal sealed unsafe class RawEnd : IDisposable
{
    private const int PageByteCount = 4096;

    /// <summary>Parts share no cache line.</summary>
    private const int PartAlignment = 64;

    /// <summary>A receiver that is not ready is asked again without end.</summary>
    private const byte RetriesWithoutEnd = 7;

    private readonly RawPort _port;
    private byte* _memory;
    private readonly nuint _partByteCount;
    private readonly List<IDisposable> _made = [];
    private readonly uint[] _sequenceNumbers;
    private readonly QueuePair[] _pairs;
    private PeerEnds? _peer;

    public RawEnd(RawOptions options, RawPort port)
    {
        (Options, _port) = (options, port);
        CheckLimits();
        _partByteCount = ((nuint)options.LargestSize + PartAlignment - 1) / PartAlignment * PartAlignment;
        nuint byteCount = 2 * _partByteCount * (nuint)options.QueuePairs;
        _memory = Allocate(byteCount);
        try
        {
            ProtectionDomain domain = Keep(port.Context.CreateProtectionDomain());
            Region = Keep(domain.Register(_memory, byteCount, Access));
            Channel = options.UsesEvents ? Keep(port.Context.CreateCompletionChannel()) : null;
            CompletionQueue sends = Keep(port.Context.CreateCompletionQueue(options.TxDepth * options.QueuePairs, Channel));
            CompletionQueue receives = Keep(port.Context.CreateCompletionQueue(options.RxDepth * options.QueuePairs, Channel));
            SendCompletions = Keep(sends.Lease());
            ReceiveCompletions = Keep(receives.Lease());
            _pairs = new QueuePair[options.QueuePairs];
            _sequenceNumbers = new uint[options.QueuePairs];
            InlineByteCount = options.InlineByteCount ?? options.Test.DefaultInlineByteCount;
            for (int i = 0; i < _pairs.Length; i++)
            {
                _pairs[i] = Keep(MakeQueuePair(domain, sends, receives));
                _pairs[i].Initialize(Access & ~MemoryAccess.LocalWrite, options.Port);
                _sequenceNumbers[i] = (uint)Random.Shared.Next(1 << 24);
            }

            Posts = [.. _pairs.Select(pair => Keep(pair.Lease()))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public RawOptions Options { get; }

    public MemoryRegion Region { get; }

    public CompletionChannel? Channel { get; }

    public CompletionQueueLease SendCompletions { get; }

    public CompletionQueueLease ReceiveCompletions { get; }

    /// <summary>One per queue pair.</summary>
    public QueuePairLease[] Posts { get; }

    /// <summary>What the queue pairs take inline, as far as it was asked for.</summary>
    public int InlineByteCount { get; private set; }

    /// <summary>After <see cref="Connect"/>.</summary>
    public PathMtu Mtu { get; private set; }

    private static MemoryAccess Access => MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite | MemoryAccess.RemoteRead | MemoryAccess.RemoteAtomic;

    private byte MaxReads => (byte)Math.Clamp(Math.Min(_port.Limits.MaxReadsAsTarget, _port.Limits.MaxReadsAsInitiator), 1, byte.MaxValue);

    /// <summary>What this end sends from.</summary>
    public Span<byte> Outgoing(int pair, long byteCount) => new(_memory + Offset(pair, isIncoming: false), (int)byteCount);

    /// <summary>What the other end reaches, and receives go to.</summary>
    public Span<byte> Incoming(int pair, long byteCount) => new(_memory + Offset(pair, isIncoming: true), (int)byteCount);

    /// <summary>The part of the memory of a queue pair, for a request.</summary>
    public ScatterGatherElement Element(int pair, bool isIncoming, long byteCount) => Region.Slice(Offset(pair, isIncoming), (uint)byteCount);

    /// <summary>The address of the other end's part.</summary>
    public ulong RemoteAddress(int pair, bool isIncoming) => _peer!.Address + Offset(pair, isIncoming);

    public uint RemoteKey => _peer!.RemoteKey;

    /// <summary>What the other end must know.</summary>
    public PeerEnds Describe() => new(
        Options.Mtu ?? _port.Attributes.ActiveMtu,
        MaxReads,
        Region.Address,
        Region.RemoteKey,
        [.. _pairs.Select((pair, i) => new QueuePairAddress(pair.Number, _sequenceNumbers[i], _port.Attributes.LocalIdentifier, _port.Gid?.Gid ?? default))]);

    /// <summary>Connects each queue pair with the peer's of the same number.</summary>
    public void Connect(PeerEnds peer)
    {
        _peer = peer;
        Mtu = (PathMtu)Math.Min((int)peer.Mtu, (int)(Options.Mtu ?? _port.Attributes.ActiveMtu));
        for (int i = 0; i < _pairs.Length; i++)
        {
            _pairs[i].Connect(peer.QueuePairs[i], new QueuePairConnectOptions
            {
                Port = Options.Port,
                GidIndex = _port.Gid?.Index,
                SequenceNumber = _sequenceNumbers[i],
                PathMtu = Mtu,
                MaxReads = Math.Max(Math.Min(peer.MaxReads, MaxReads), (byte)1),
                // A receiver that is a little late is waited for, as perftest does; one that never comes is found by the deadline of the loop.
                ReceiverNotReadyRetryCount = RetriesWithoutEnd,
            });
        }
    }

    /// <summary>What a message that failed was sent by, and to whom.</summary>
    public string Describe(uint queuePair)
    {
        int i = Array.FindIndex(_pairs, pair => pair.Number == queuePair);
        return $"queue pair {queuePair} of {_port} to {(i < 0 || _peer is null ? "the other end" : _peer.QueuePairs[i])}";
    }

    public override string ToString() => _peer is null ? $"{_port}" : $"{_port} to {_peer.QueuePairs[0]}";

    public void Dispose()
    {
        for (int i = _made.Count - 1; i >= 0; i--)
        {
            _made[i].Dispose();
        }

        _made.Clear();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    private nuint Offset(int pair, bool isIncoming) => ((2 * (nuint)pair) + (isIncoming ? 1u : 0u)) * _partByteCount;

    private static byte* Allocate(nuint byteCount)
    {
        try
        {
            byte* memory = (byte*)NativeMemory.AlignedAlloc(byteCount, PageByteCount);
            NativeMemory.Clear(memory, byteCount);
            return memory;
        }
        catch (OutOfMemoryException e)
        {
            throw new ToolException(ExitCode.Failed, $"there is no memory for the buffers, {byteCount} bytes: take a smaller size (-s) or fewer queue pairs (-q).", e);
        }
    }

    /// <summary>What the device is sure to refuse, in terms of the options.</summary>
    private void CheckLimits()
    {
        DeviceAttributes limits = _port.Limits;
        string? problem =
            Options.LargestSize > Math.Min(_port.Attributes.MaxMessageByteCount, int.MaxValue) ? $"--size {ByteSize.Format(Options.LargestSize)}: a message on {_port} has at most {ByteSize.Format(_port.Attributes.MaxMessageByteCount)}. Take a smaller size."
            : Options.TxDepth > limits.MaxRequestsPerQueuePair ? $"--tx-depth {Options.TxDepth}: a queue pair of {_port} has at most {limits.MaxRequestsPerQueuePair} requests. Take a smaller depth."
            : Options.RxDepth > limits.MaxRequestsPerQueuePair ? $"--rx-depth {Options.RxDepth}: a queue pair of {_port} has at most {limits.MaxRequestsPerQueuePair} receives. Take a smaller depth."
            : (long)Math.Max(Options.TxDepth, Options.RxDepth) * Options.QueuePairs > limits.MaxCompletionsPerQueue ?
                $"--qp {Options.QueuePairs}: with {Math.Max(Options.TxDepth, Options.RxDepth)} requests each they need a completion queue of {(long)Math.Max(Options.TxDepth, Options.RxDepth) * Options.QueuePairs} entries; {_port} has at most {limits.MaxCompletionsPerQueue}. Take fewer, or a smaller depth (-t, -r)."
            : Options.Mtu is { } mtu && mtu > _port.Attributes.ActiveMtu ? $"--mtu {mtu.ByteCount()}: the MTU of {_port} is {_port.Attributes.ActiveMtu.ByteCount()}. Take that or less, or raise the MTU of its network interface."
            : Options.Test.Verb == RawVerb.Atomic && limits.Atomics == AtomicCapability.None ? $"{Options.Test.Name}: {_port} has no atomics. Choose another device with -d."
            : null;
        if (problem is not null)
        {
            throw ToolException.BadArguments(problem);
        }
    }

    /// <summary>The device tells its limit of inline bytes only by refusing; what nobody asked for is then left away.</summary>
    private QueuePair MakeQueuePair(ProtectionDomain domain, CompletionQueue sends, CompletionQueue receives)
    {
        try
        {
            return Make();
        }
        catch (VerbsException e) when (InlineByteCount > 0)
        {
            int refused = InlineByteCount;
            InlineByteCount = 0;
            QueuePair withoutInline = Make();
            if (Options.InlineByteCount is null)
            {
                return withoutInline;
            }

            withoutInline.Dispose(); // it was the inline bytes
            throw ToolException.BadArguments($"--inline_size {refused}: {_port} makes no queue pair with so many bytes inline, and one without. Take fewer. ({e.Message})");
        }

        QueuePair Make() => domain.CreateQueuePair(new QueuePairOptions
        {
            SendQueue = sends,
            ReceiveQueue = receives,
            MaxSendRequests = Options.TxDepth,
            MaxReceiveRequests = Options.RxDepth,
            MaxInlineByteCount = InlineByteCount,
        });
    }
}
