using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Simulation.Network;

/// <summary>
/// One end of a pair of pipes. Every look and every send is a point. Where the world says so a message is written to its destination in two pieces, some time after the receiver asked for it: what a socket or a window does, and
/// what a fence has to stop.
/// </summary>
internal sealed unsafe class SimConnection(SimTransport transport, int peer, int channel, SimPipe outgoing, SimPipe incoming)
    : Connection(peer, channel, transport.Context.SlotBytes, transport.Context.SlotCount)
{
    private enum Writing
    {
        Nothing,
        UnderWay,
        Written,
    }

    private Writing _writing;
    private bool _isFenced;

    public override bool IsDrained => transport.World.Planted == Planted.DoneBeforeDrained || outgoing.InPlace == 0;

    public bool IsWriting => _writing == Writing.UnderWay;

    /// <summary>All that was sent has arrived.</summary>
    public bool IsQuiet => outgoing.IsQuiet;

    private SimWorld World => transport.World;

    public override byte* TryGetSendSlot()
    {
        transport.Process.Point(PointKind.Poll);
        return !_isFenced && outgoing.HasCredit ? outgoing.NextSlot : null;
    }

    public override void Send(in MessageHeader header)
    {
        outgoing.Send(header, inPlace: null);
        transport.Process.Point(PointKind.Post);
    }

    public override bool CanSendFrom(MemoryRegistration? registration) => World.ReadsInPlace && registration is not null;

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        transport.Process.Point(PointKind.Post);
        if (_isFenced || !outgoing.HasCredit)
        {
            return false;
        }

        outgoing.Send(header, source);
        return true;
    }

    public override bool TryReceive(out MessageHeader header, out byte* payload)
    {
        transport.Process.Point(PointKind.Poll);
        header = default;
        payload = null;
        return !_isFenced && incoming.TryPeek(out header, out payload);
    }

    public override void Release() => incoming.Release();

    public override ReceiveStatus TryReceiveInto(in MessageHeader expected, byte* destination, MemoryRegistration? registration)
    {
        if (!TryReceive(out MessageHeader header, out byte* payload))
        {
            return ReceiveStatus.NotYet;
        }

        if (!header.Matches(expected) && World.Planted != Planted.HeaderCheckSkipped)
        {
            return ReceiveStatus.Mismatch;
        }

        if (!World.WritesInPlace)
        {
            return Copy(header, payload, destination);
        }

        switch (_writing)
        {
            case Writing.Nothing:
                _writing = Writing.UnderWay;
                PlanWrites(payload, destination, (int)Math.Min(header.ByteCount, expected.ByteCount));
                return ReceiveStatus.NotYet;

            case Writing.UnderWay:
                return ReceiveStatus.NotYet;

            default:
                _writing = Writing.Nothing;
                Release();
                return ReceiveStatus.Done;
        }
    }

    /// <summary>Nothing is written or read through this end any more.</summary>
    public void Fence()
    {
        _isFenced = true;
        outgoing.Cut(dropAll: false);
    }

    /// <summary>The process ends, or this connection does.</summary>
    public void End(bool dropAll)
    {
        _isFenced = true;
        outgoing.Cut(dropAll);
    }

    private ReceiveStatus Copy(in MessageHeader header, byte* payload, byte* destination)
    {
        if (World.Planted == Planted.SlotReleasedBeforeRead)
        {
            Release();
            transport.Process.Point(PointKind.Poll);
        }

        Buffer.MemoryCopy(payload, destination, header.ByteCount, header.ByteCount);
        if (World.Planted != Planted.SlotReleasedBeforeRead)
        {
            Release();
        }

        return ReceiveStatus.Done;
    }

    // The first half, and then the second; now and then a good deal later.
    private void PlanWrites(byte* payload, byte* destination, int byteCount)
    {
        int half = byteCount / 2;
        Plan(Delay(), () =>
        {
            Buffer.MemoryCopy(payload, destination, half, half);
            Plan(Delay() + (World.Random.OneIn(4) ? Scheduler.Millisecond : 0), () =>
            {
                Buffer.MemoryCopy(payload + half, destination + half, byteCount - half, byteCount - half);
                _writing = Writing.Written;
                transport.Process.Happened();
            });
        });
    }

    private void Plan(long delay, Action write) => World.Scheduler.Events.Add(World.Scheduler.Now + delay, () =>
    {
        if (!_isFenced || World.Planted == Planted.FenceTooEarly)
        {
            write();
        }
    });

    private long Delay() => World.CopyDelay(transport.Process);
}
