using System.Globalization;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// What came for one rank over the control plane and waits to be taken: gatherings, blobs of peers, answers. Filled by the control thread (in process: by the other ranks), emptied by
/// the rank's own threads, which wait here until what they want has come, a fault is set, or their deadline has passed.
/// </summary>
internal sealed class Mailbox(int rank, int worldSize, FaultState faults, Inquest inquest, Pace pace)
{
    /// <summary>Blobs that nobody takes are a fault of the program, not a reason to grow without end.</summary>
    public const long MaxUnclaimedBytes = 256L << 20;

    // What an entry takes beside its bytes: empty ones must not be free, or they come without end.
    private const int EntryBytes = 256;
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(20);

    private readonly object _gate = new();
    private readonly Dictionary<ulong, byte[]?[]> _rounds = [];
    private readonly Dictionary<(int Peer, ulong Key), Queue<byte[]>> _blobs = [];
    private readonly Dictionary<ulong, (bool HasCome, RankStatus? Status)> _answers = [];
    private readonly bool[] _left = new bool[worldSize];
    private long _unclaimedBytes;
    private ulong _begun;
    private ulong _taken;
    private string? _closed;

    /// <summary>Nothing more will come.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _closed is not null;
            }
        }
    }

    /// <summary>What all ranks throw; there is a fault. Waits for it within the bound of an inquest.</summary>
    public Fault AwaitVerdict()
    {
        lock (_gate)
        {
            while (true)
            {
                if (inquest.TryClose() is { } verdict)
                {
                    return verdict;
                }

                pace.Wait(_gate, s_lookAgain);
            }
        }
    }

    /// <summary>Wakes every waiter, to look at the fault.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            pace.PulseAll(_gate);
        }
    }

    /// <summary>Nothing more will come: waiters end with this reason unless there is a fault.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            pace.PulseAll(_gate);
        }
    }

    public bool HasLeft(int peer)
    {
        lock (_gate)
        {
            return _left[peer];
        }
    }

    public void MarkLeft(int peer)
    {
        lock (_gate)
        {
            _left[peer] = true;
            pace.PulseAll(_gate);
        }
    }

    /// <exception cref="CollectiveException">The peer gave two parts of one round, or more than this rank can be behind.</exception>
    public void PutPart(ulong round, int peer, byte[] part)
    {
        lock (_gate)
        {
            // Nobody gets past a round that this rank has not begun: all others are in it, or in the one before.
            _begun = peer == rank ? round : _begun;
            if (round <= _taken || round > _begun + 1)
            {
                throw new CollectiveException(Error.Protocol, $"Rank {peer} gave a part of gathering {round}, this rank has begun {_begun}.", rank, peer);
            }

            if (!_rounds.TryGetValue(round, out byte[]?[]? parts))
            {
                _rounds[round] = parts = new byte[]?[worldSize];
            }

            if (parts[peer] is not null)
            {
                throw new CollectiveException(Error.Protocol, $"Rank {peer} gave two parts of gathering {round}.", rank, peer);
            }

            parts[peer] = part;
            Count(part.Length, peer);
            pace.PulseAll(_gate);
        }
    }

    public void PutBlob(int peer, ulong key, byte[] blob)
    {
        lock (_gate)
        {
            if (!_blobs.TryGetValue((peer, key), out Queue<byte[]>? queue))
            {
                _blobs[(peer, key)] = queue = new Queue<byte[]>();
            }

            queue.Enqueue(blob);
            Count(blob.Length, peer);
            pace.PulseAll(_gate);
        }
    }

    /// <summary>An answer to a question that still waits for it; others are dropped.</summary>
    public void PutAnswer(ulong question, RankStatus? status)
    {
        lock (_gate)
        {
            if (_answers.ContainsKey(question))
            {
                _answers[question] = (true, status);
            }
        }
    }

    /// <summary>Waits for all parts of a round. When a rank left without giving its part, returns null and names it in <paramref name="leaver"/>.</summary>
    public byte[][]? TakeRound(ulong round, TimeSpan timeout, out int leaver)
    {
        leaver = -1;
        long start = pace.Timestamp;
        lock (_gate)
        {
            while (true)
            {
                byte[]?[] parts = _rounds[round]; // the own part is put before
                int[] missing = [.. Enumerable.Range(0, worldSize).Where(r => parts[r] is null)];
                if (missing.Length == 0)
                {
                    _rounds.Remove(round);
                    _taken = round;
                    _unclaimedBytes -= parts.Sum(p => (long)EntryBytes + p!.Length);
                    return parts!;
                }

                int firstLeaver = Array.FindIndex(missing, r => _left[r]);
                leaver = firstLeaver < 0 ? -1 : missing[firstLeaver];
                if (leaver >= 0 && !faults.IsSet)
                {
                    return null;
                }

                WaitOrThrow(start, timeout, () => $"{RankList.Capitalized(missing)} of {worldSize} did not take part in gathering {round} of the control plane");
            }
        }
    }

    /// <summary>Waits for a blob. When the peer left without sending it, returns null.</summary>
    public byte[]? TakeBlob(int peer, ulong key, TimeSpan timeout)
    {
        long start = pace.Timestamp;
        lock (_gate)
        {
            while (true)
            {
                if (_blobs.TryGetValue((peer, key), out Queue<byte[]>? queue))
                {
                    byte[] blob = queue.Dequeue();
                    if (queue.Count == 0)
                    {
                        _blobs.Remove((peer, key));
                    }

                    _unclaimedBytes -= EntryBytes + blob.Length;
                    return blob;
                }

                if (_left[peer] && !faults.IsSet)
                {
                    return null;
                }

                WaitOrThrow(start, timeout, () => $"Rank {peer} did not send what this rank waits for (key {key})");
            }
        }
    }

    /// <summary>Announces a question, so that its answer is kept.</summary>
    public void Expect(ulong question)
    {
        lock (_gate)
        {
            _answers[question] = default;
        }
    }

    /// <summary>The answer to an announced question, once; also while there is a fault.</summary>
    public bool TryTakeAnswer(ulong question, out RankStatus? status)
    {
        lock (_gate)
        {
            bool hasCome = _answers.TryGetValue(question, out (bool HasCome, RankStatus? Status) answer) && answer.HasCome;
            if (hasCome)
            {
                _answers.Remove(question);
            }

            status = answer.Status;
            return hasCome;
        }
    }

    /// <summary>The answer is not awaited any more.</summary>
    public void Forget(ulong question)
    {
        lock (_gate)
        {
            _answers.Remove(question);
        }
    }

    private void Count(int byteCount, int peer)
    {
        _unclaimedBytes += EntryBytes + byteCount;
        if (_unclaimedBytes > MaxUnclaimedBytes)
        {
            throw new CollectiveException(Error.Protocol, $"More than {MaxUnclaimedBytes >> 20} MiB that rank {rank} did not take have gathered on the control plane; the last came from rank {peer}.", rank, peer);
        }
    }

    private void WaitOrThrow(long start, TimeSpan timeout, Func<string> inWords)
    {
        if (faults.IsSet)
        {
            throw new CommunicatorFaultException(AwaitVerdict(), operation: null, sequence: 0); // lets go of the gate while it waits
        }

        if (_closed is not null)
        {
            throw new RendezvousException(_closed, rank);
        }

        if (!Wait(start, timeout))
        {
            string seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new RendezvousException($"{inWords()} within {seconds} s (noticed by rank {rank}). Look at the output of that side: it stands still, or runs another program.", rank);
        }
    }

    /// <summary>False when the deadline has passed.</summary>
    private bool Wait(long start, TimeSpan timeout)
    {
        TimeSpan left = timeout - pace.Since(start);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        pace.Wait(_gate, left);
        return true;
    }
}
