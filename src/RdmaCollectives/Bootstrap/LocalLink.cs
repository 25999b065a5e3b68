using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The link of ranks that live in one process: frames are handed over by a call. There is no control thread: what a frame does at its receiver it does on the sender's thread, which is why
/// <see cref="IControlPlane.FaultArrived"/> and <see cref="IControlPlane.StatusOf"/> may not block, and why no lock is held here.
/// </summary>
internal sealed class LocalLink : ControlLink
{
    private readonly LocalLink[] _group;

    private LocalLink(int rank, LocalLink[] group)
        : base(rank, group.Length) => _group = group;

    /// <summary>The control planes of ranks 0..<paramref name="worldSize"/>-1.</summary>
    public static ControlPlane[] CreateGroup(int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        var group = new LocalLink[worldSize];
        for (int rank = 0; rank < worldSize; rank++)
        {
            group[rank] = new LocalLink(rank, group);
        }

        return [.. group.Select(link => new ControlPlane(link, NullLogger.Instance))];
    }

    public override bool TrySend(in Frame frame)
    {
        Frame sent = frame with { Peer = Rank };
        if (frame.Peer >= 0)
        {
            _group[frame.Peer].Deliver(sent);
            return true;
        }

        TellOthers(other => other.Deliver(sent));
        return true;
    }

    protected override void SayGoodbye() => TellOthers(other => other.ProcessLeft(Rank));

    protected override void Close(bool saidGoodbye)
    {
        if (saidGoodbye)
        {
            return;
        }

        var death = new Fault
        {
            Error = Error.PeerDied,
            Reporter = -1,
            Peer = Rank,
            Message = $"Rank {Rank} of this process went without a goodbye. Start the job again.",
        };
        TellOthers(other => other.ProcessDied(Rank, death));
    }

    private void TellOthers(Action<LocalLink> tell)
    {
        foreach (LocalLink other in _group)
        {
            if (other != this)
            {
                tell(other);
            }
        }
    }
}
