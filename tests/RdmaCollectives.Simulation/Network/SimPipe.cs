using RdmaCollectives.Simulation.Scheduling;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Simulation.Network;

/// <summary>
/// One direction of a connection: slots at the sender, slots at the receiver, and the network between them, which reads a message where it lies when it gets to it and not before. Order is kept; credits are counts that
/// come back in their own time. A slot that was given back is poisoned at once.
/// </summary>
internal sealed unsafe class SimPipe
{
    private readonly SimFabric _fabric;
    private readonly int _from;
    private readonly int _to;
    private readonly int _slotBytes;
    private readonly int _slotCount;
    private readonly byte* _sendSlots;
    private readonly byte* _receiveSlots;
    private readonly MessageHeader[] _headers;
    private readonly List<Message> _underWay = [];
    private long _sent;
    private long _credits; // released, as far as the sender knows
    private long _arrived;
    private long _released;
    private bool _isCut;

    public SimPipe(SimFabric fabric, int from, int to, int slotBytes, int slotCount)
    {
        _fabric = fabric;
        _from = from;
        _to = to;
        _slotBytes = slotBytes;
        _slotCount = slotCount;
        _headers = new MessageHeader[slotCount];
        _sendSlots = fabric.World.Arena.Take(slotBytes * slotCount);
        _receiveSlots = fabric.World.Arena.Take(slotBytes * slotCount);
    }

    private readonly record struct Message(MessageHeader Header, nint Source, bool IsInPlace);

    public bool HasCredit => _sent - _credits < _slotCount;

    /// <summary>Messages that are still read where they lie.</summary>
    public int InPlace { get; private set; }

    /// <summary>Messages that have not arrived.</summary>
    public bool IsQuiet => _underWay.Count == 0;

    private SimWorld World => _fabric.World;

    public byte* NextSlot => Slot(_sendSlots, _sent);

    private SimProcess? ProcessOf(int rank) => _fabric[rank]?.Process;

    // ---- The sender ----

    public void Send(in MessageHeader header, byte* inPlace)
    {
        byte* source = inPlace != null ? inPlace : NextSlot;
        _sent++;
        if (_isCut)
        {
            return;
        }

        InPlace += inPlace != null ? 1 : 0;
        _underWay.Add(new Message(header, (nint)source, inPlace != null));
        if (World.Planted == Planted.ReorderWithinConnection && _underWay.Count > 1 && World.Random.OneIn(20))
        {
            (_underWay[^1], _underWay[^2]) = (_underWay[^2], _underWay[^1]);
        }

        World.Scheduler.Events.Add(World.Scheduler.Now + World.MessageDelay(ProcessOf(_from)!, ProcessOf(_to)!), Arrive);
    }

    /// <summary>The sender ends, or has fenced: what it has not sent is not sent, and nothing of it is read any more.</summary>
    public void Cut(bool dropAll)
    {
        _isCut = true;
        InPlace = 0;
        int first = dropAll ? 0 : _underWay.FindIndex(message => message.IsInPlace); // what comes behind it is not sent either: the order is kept to the end
        if (World.Planted == Planted.NoEpochCheck)
        {
            KeepStale();
        }

        if (first >= 0)
        {
            _underWay.RemoveRange(first, _underWay.Count - first);
        }
    }

    // ---- The receiver ----

    public bool TryPeek(out MessageHeader header, out byte* payload)
    {
        header = default;
        payload = null;
        if (_arrived == _released)
        {
            return false;
        }

        header = _headers[_released % _slotCount];
        payload = Slot(_receiveSlots, _released);
        if (World.Planted == Planted.CreditReturnedEarly)
        {
            GiveCredit(_released + 1);
        }

        return true;
    }

    public void Release()
    {
        new Span<byte>(Slot(_receiveSlots, _released), _slotBytes).Fill(Arena.Poison);
        _released++;
        GiveCredit(_released);
    }

    private void GiveCredit(long released)
    {
        SimProcess sender = ProcessOf(_from)!;
        World.Scheduler.Events.Add(World.Scheduler.Now + World.MessageDelay(ProcessOf(_to)!, sender), () =>
        {
            if (released > _credits)
            {
                new Span<byte>(Slot(_sendSlots, released - 1), _slotBytes).Fill(Arena.Poison);
                _credits = released;
                sender.Happened();
            }
        });
    }

    private void Arrive()
    {
        if (_underWay.Count == 0)
        {
            return;
        }

        if (World.Planted == Planted.NoEpochCheck && _arrived - _released < _slotCount - 1 && World.Stale.TryGetValue(Between, out Queue<(MessageHeader Header, byte[] Payload)>? stale) && stale.TryDequeue(out (MessageHeader Header, byte[] Payload) old))
        {
            old.Header.Epoch = _underWay[0].Header.Epoch;
            old.Payload.AsSpan(0, Math.Min(_slotBytes, old.Payload.Length)).CopyTo(new Span<byte>(Slot(_receiveSlots, _arrived), _slotBytes));
            _headers[_arrived++ % _slotCount] = old.Header;
        }

        Message message = _underWay[0];
        _underWay.RemoveAt(0);
        Buffer.MemoryCopy((void*)message.Source, Slot(_receiveSlots, _arrived), _slotBytes, message.Header.ByteCount);
        _headers[_arrived % _slotCount] = message.Header;
        _arrived++;
        if (message.IsInPlace)
        {
            InPlace--;
        }

        ProcessOf(_from)?.Happened();
        ProcessOf(_to)?.Happened();
    }

    private (int From, int To) Between => (ProcessOf(_from)!.Rank, ProcessOf(_to)!.Rank);

    private void KeepStale()
    {
        foreach (Message message in _underWay)
        {
            if (!World.Stale.TryGetValue(Between, out Queue<(MessageHeader Header, byte[] Payload)>? stale))
            {
                World.Stale[Between] = stale = new Queue<(MessageHeader Header, byte[] Payload)>();
            }

            stale.Enqueue((message.Header, new Span<byte>((void*)message.Source, (int)message.Header.ByteCount).ToArray()));
        }
    }

    private byte* Slot(byte* slots, long message) => slots + (message % _slotCount * _slotBytes);
}
