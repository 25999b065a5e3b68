using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>A rank of this host that was reached: its page, its bell, and its buffers as far as they are mapped.</summary>
internal sealed unsafe class PeerRank : IDisposable
{
    private readonly RankSegment _segment;
    private readonly SafeFileHandle _wakePipe;
    private readonly Doorbell<MachineMemory> _doorbell;
    private bool _owesRing;

    private PeerRank(int rank, RankDescription description, RankSegment segment, SafeFileHandle wakePipe)
    {
        Rank = rank;
        ProcessId = description.Segment.ProcessId;
        _segment = segment;
        _wakePipe = wakePipe;
        _doorbell = new Doorbell<MachineMemory>(segment.DoorbellWord, (int)wakePipe.DangerousGetHandle());
        Mappings = new PeerMappings(segment);
    }

    public int Rank { get; }

    public int ProcessId { get; }

    public PeerMappings Mappings { get; }

    /// <summary>Wakes the rank now, if it sleeps: something large was moved for it, and more of the kind may keep this rank busy for a while.</summary>
    public void Ring()
    {
        _owesRing = false;
        _doorbell.Ring();
    }

    /// <summary>Wakes the rank when this one stops to spin or has ended its call (<see cref="Settle"/>), if it sleeps then: one full barrier for all that was moved until then.</summary>
    public void RingLater() => _owesRing = true;

    /// <summary>Wakes the rank where it can be seen to sleep, without the barrier that would make it certain; a ring that is owed stays owed otherwise.</summary>
    public void Glance()
    {
        if (_owesRing && _doorbell.LooksAsleep())
        {
            Ring();
        }
    }

    /// <summary>Makes up for <see cref="RingLater"/>.</summary>
    public void Settle()
    {
        if (_owesRing)
        {
            Ring();
        }
    }

    /// <summary>Opens what the rank said it has, and compares the nonce. Null, with the reason, when that fails.</summary>
    public static PeerRank? TryReach(int rank, RankDescription description, out string? whyNot)
    {
        RankSegment? segment = null;
        try
        {
            segment = RankSegment.Open(description.Segment);
            if (!segment.Nonce.SequenceEqual(description.Nonce))
            {
                throw new CollectiveException(Error.Protocol, "The nonce in it is another one.");
            }

            var peer = new PeerRank(rank, description, segment, WakePipe.OpenWriter(description.WakePipe));
            segment = null;
            whyNot = null;
            return peer;
        }
        catch (CollectiveException e)
        {
            whyNot = $"its shared memory can't be read: {e.Message}";
            return null;
        }
        finally
        {
            segment?.Dispose();
        }
    }

    public void Dispose()
    {
        Mappings.Dispose();
        _segment.Dispose();
        _wakePipe.Dispose();
    }
}
