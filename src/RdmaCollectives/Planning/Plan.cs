using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>
/// A call compiled for this rank: the steps of its schedule with connections bound, and the partition of the elements. Compiled once, then found in the cache; running it again allocates
/// nothing. One run at a time (the holder of the progress token).
/// </summary>
internal sealed class Plan : IDisposable
{
    private CallDescription? _hashedCall;
    private uint _hash;

    public required PlanKey Key { get; init; }

    /// <summary>The schedule's short name.</summary>
    public required string Algorithm { get; init; }

    public required Partition Partition { get; init; }

    public required ChannelProgram[] Channels { get; init; }

    /// <summary>Every connection that a step sends on, each once: the return rule waits for them.</summary>
    public required Connection[] SendConnections { get; init; }

    /// <summary>The transports behind the connections, each once: what the executor moves and waits for.</summary>
    public required Transport[] Transports { get; init; }

    /// <summary>Names schedule, partition and channels; part of the call's hash.</summary>
    public required uint Fingerprint { get; init; }

    /// <summary>Working memory where the schedule needs some, else null.</summary>
    public required NativeBuffer? Scratch { get; init; }

    /// <summary>The hash of a call that runs this plan; kept while type, operator and reducer stay the same, since hashing costs more than the rest of a small call.</summary>
    public uint HashOf(in CallDescription call)
    {
        CallDescription unnumbered = call with { Sequence = 0 };
        if (_hashedCall != unnumbered)
        {
            _hashedCall = unnumbered;
            _hash = call.Hash();
        }

        return _hash;
    }

    public void Dispose() => Scratch?.Dispose();
}
