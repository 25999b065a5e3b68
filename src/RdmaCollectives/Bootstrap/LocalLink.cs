using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The link of ranks that live in one process: frames are handed over by a call. There is no control thread: what a frame does at its receiver it does on the sender's thread, which is why
/// <see cref="IControlPlane.FaultArrived"/> and <see cref="IControlPlane.StatusOf"/> may not block, and why no lock is held here.
/// </summary>
internal sealed class LocalLink : ControlLink
{
    private readonly LocalGroupOfLinks _group;
    private volatile bool _isDead;

    private LocalLink(int rank, int worldSize, LocalGroupOfLinks group)
        : base(rank, worldSize) => _group = group;

    /// <summary>The control planes of ranks 0..<paramref name="worldSize"/>-1.</summary>
    public static ControlPlane[] CreateGroup(int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        var group = new LocalGroupOfLinks();
        return [.. Enumerable.Range(0, worldSize)
            .Select(_ => group.Add(rank => new LocalLink(rank, worldSize, group)))
            .ToArray() // all of them, before the first plane sends
            .Select(link => new ControlPlane(link, NullLogger.Instance))];
    }

    /// <summary>A process that comes after the start: its link has no plane yet and waits for an invitation. The others see it among their <see cref="ControlLink.Newcomers"/>.</summary>
    public LocalLink AddNewcomer()
    {
        LocalLink newcomer = _group.Add(rank => new LocalLink(rank, WorldSize, _group));
        newcomer.BeginSplit();
        newcomer.TellOthers(other =>
        {
            other.NewcomerCame(newcomer.Rank);
            if (other.Rank >= WorldSize)
            {
                newcomer.NewcomerCame(other.Rank);
            }
        });
        return newcomer;
    }

    /// <summary>As if the process of this rank ended now: nothing that it sends arrives any more, and its own waits end.</summary>
    public void Die()
    {
        _isDead = true;
        Close(saidGoodbye: false);
        Ended(new Fault { Error = Error.ControlPlane, Reporter = Rank, Peer = -1, Message = $"The link of rank {Rank} was ended." }, "The link was ended.");
    }

    public override bool TrySend(in Frame frame)
    {
        if (_isDead)
        {
            return false;
        }

        Frame sent = frame with { Peer = Rank };
        if (frame.Peer >= 0)
        {
            _group[frame.Peer].Deliver(sent);
            return true;
        }

        TellOthers(other =>
        {
            if (other.Rank < WorldSize)
            {
                other.Deliver(sent);
            }
        });
        return true;
    }

    protected override void SayGoodbye()
    {
        if (!_isDead)
        {
            TellOthers(other => other.ProcessLeft(Rank));
        }
    }

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
        foreach (LocalLink other in _group.All)
        {
            if (other != this)
            {
                tell(other);
            }
        }
    }

    /// <summary>The links of one group by rank; it only grows.</summary>
    private sealed class LocalGroupOfLinks
    {
        private readonly Lock _gate = new();
        private volatile LocalLink[] _links = [];

        public LocalLink[] All => _links;

        public LocalLink this[int rank] => _links[rank];

        public LocalLink Add(Func<int, LocalLink> create)
        {
            lock (_gate)
            {
                LocalLink link = create(_links.Length);
                _links = [.. _links, link];
                return link;
            }
        }
    }
}
