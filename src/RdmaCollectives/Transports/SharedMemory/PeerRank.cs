using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>A rank of this host that was reached: its page, its bell, and its buffers as far as they are mapped.</summary>
internal sealed unsafe class PeerRank : IDisposable
{
    private readonly RankSegment _segment;
    private readonly SafeFileHandle _wakePipe;

    private PeerRank(int rank, RankDescription description, RankSegment segment, SafeFileHandle wakePipe)
    {
        Rank = rank;
        ProcessId = description.Segment.ProcessId;
        _segment = segment;
        _wakePipe = wakePipe;
        Mappings = new PeerMappings(segment);
    }

    public int Rank { get; }

    public int ProcessId { get; }

    public PeerMappings Mappings { get; }

    public Doorbell<MachineMemory> Doorbell => new(_segment.DoorbellWord, (int)_wakePipe.DangerousGetHandle());

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
