using System.Globalization;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>What comes to a link after the start of the job: newcomers that wait to be taken in and, in a newcomer, the invitations. Filled by the control thread, awaited by the rank's own.</summary>
internal sealed class Arrivals(int rank, Pace pace)
{
    /// <summary>A wait wakes that often to look at its token.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    // One would do; a communicator that failed while it grew may send another.
    private const int MaxInvitations = 256;

    private readonly object _gate = new();
    private readonly List<int> _waiting = [];
    private readonly HashSet<int> _gone = [];
    private readonly Queue<byte[]> _invitations = new();
    private string? _closed;
    private string? _whyNoMore;

    public string? WhyNoMore
    {
        get
        {
            lock (_gate)
            {
                return _closed ?? _whyNoMore;
            }
        }
    }

    public IReadOnlyList<int> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting];
            }
        }
    }

    public void Add(int newcomer)
    {
        lock (_gate)
        {
            if (!_waiting.Contains(newcomer) && !_gone.Contains(newcomer))
            {
                _waiting.Add(newcomer);
                pace.PulseAll(_gate);
            }
        }
    }

    /// <summary>For good: a rank comes once.</summary>
    public void Remove(IEnumerable<int> newcomers)
    {
        lock (_gate)
        {
            foreach (int newcomer in newcomers)
            {
                _waiting.Remove(newcomer);
                _gone.Add(newcomer);
            }
        }
    }

    public void PutInvitation(byte[] payload)
    {
        lock (_gate)
        {
            if (_invitations.Count == MaxInvitations)
            {
                throw new CollectiveException(Error.Protocol, $"More than {MaxInvitations} invitations came that this rank has not taken.", rank);
            }

            _invitations.Enqueue(payload);
            pace.PulseAll(_gate);
        }
    }

    /// <summary>No newcomers will come any more; invitations still may.</summary>
    public void EndComing(string reason)
    {
        lock (_gate)
        {
            _whyNoMore ??= reason;
            pace.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more will come.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            pace.PulseAll(_gate);
        }
    }

    public IReadOnlyList<int> Await(int atLeast, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Wait(() => _waiting.Count >= atLeast || _whyNoMore is not null, timeout, cancellationToken);
            return [.. _waiting];
        }
    }

    /// <exception cref="RendezvousException">None came in time, or the link has ended.</exception>
    public byte[] AwaitInvitation(TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Wait(() => _invitations.Count > 0, timeout, cancellationToken))
            {
                return _invitations.Dequeue();
            }

            string seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new RendezvousException(
                _closed is { } closed
                    ? $"This newcomer (rank {rank} of the job) was not invited into a communicator. {closed}"
                    : $"This newcomer (rank {rank} of the job) was not invited into a communicator within {seconds} s: the members call Grow to take newcomers in. A longer time is set by RDMACC_JOIN_TIMEOUT.",
                rank);
        }
    }

    private bool Wait(Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = pace.Timestamp;
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan left = timeout - pace.Since(start);
            if (_closed is not null || left <= TimeSpan.Zero)
            {
                return false;
            }

            pace.Wait(_gate, left < Look ? left : Look);
        }

        return true;
    }
}
