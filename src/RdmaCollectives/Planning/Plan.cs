using System.Runtime.CompilerServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>
/// A collective call compiled for this rank: the steps of its schedule with connections bound, and the layout of the elements. Compiled once, then found in the cache; running it again allocates
/// nothing. One run at a time (the holder of the progress token).
/// </summary>
internal sealed class Plan(in PlanKey key, Connection[] sends, Transport[] transports) : Work, IDisposable
{
    /// <summary>From this size on a message is sent from where it lies, if its connection can; below it a copy costs less than keeping track of the source.</summary>
    public const ulong SendFromBytes = 4096;

    private readonly PlanKey _key = key;
    private ulong _hashedWhat;
    private ulong _hashedWhose;
    private uint _hash;
    private NativeBuffer? _staging;

    public ref readonly PlanKey Key => ref _key;

    /// <summary>The schedule's short name.</summary>
    public required string Algorithm { get; init; }

    public required Layout Layout { get; init; }

    public required ChannelProgram[] Channels { get; init; }

    public override ReadOnlySpan<Connection> SendConnections => sends;

    public override ReadOnlySpan<Transport> Transports => transports;

    /// <summary>One pass over it takes less time than a message is on its way.</summary>
    public bool IsSmall { get; init; }

    /// <summary>Names schedule, layout and channels; part of the call's hash.</summary>
    public required uint Fingerprint { get; init; }

    /// <summary>The connections by whose windows others may store results in this rank's output; none where that is no gain.</summary>
    public required Connection[] Storers { get; init; }

    /// <summary>Working memory where the schedule needs some, else null.</summary>
    public required NativeBuffer? Scratch { get; init; }

    /// <summary>Memory as large as a caller's send buffer, kept for the next call of the kind.</summary>
    public unsafe byte* Stage(nuint byteCount)
    {
        if (_staging is null || _staging.ByteCount < byteCount)
        {
            _staging?.Dispose();
            _staging = null; // should the next line throw
            _staging = new NativeBuffer(byteCount);
        }

        return _staging.Address;
    }

    /// <summary>The hash of the last call that ran this plan, if it was of the same type, operator and reducer; hashing costs more than the rest of a small call.</summary>
    /// <param name="what">Type and operator in one number that is not 0: with <paramref name="whose"/> all that differs between the calls of one plan, but for sequence and name, which are not hashed.</param>
    /// <param name="whose">The hashes of a user's type and of counts.</param>
    /// <param name="hash">The hash.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetHash(ulong what, ulong whose, out uint hash)
    {
        hash = _hash;
        return _hashedWhat == what && _hashedWhose == whose;
    }

    /// <summary>Keeps a hash for <see cref="TryGetHash"/>.</summary>
    public uint KeepHash(ulong what, ulong whose, uint hash)
    {
        (_hashedWhat, _hashedWhose, _hash) = (what, whose, hash);
        return hash;
    }

    public void Dispose()
    {
        Scratch?.Dispose();
        _staging?.Dispose();
    }

    protected override void AddAwaited(List<Connection> connections)
    {
        foreach (ChannelProgram program in Channels)
        {
            if (program.Round < Layout.Rounds && program.Steps.Length > 0 && AwaitedBy(program.Steps[program.Index]) is { } connection)
            {
                connections.Add(connection);
            }
        }
    }

    protected override void AddAwaited(List<AwaitedMessage> awaited)
    {
        foreach (ChannelProgram program in Channels)
        {
            if (program.Round < Layout.Rounds && program.Steps.Length > 0 && AwaitedBy(program.Steps[program.Index]) is { } connection)
            {
                awaited.Add(Await(program.Channel, IsAwaitingMessage(program.Steps[program.Index]) ? AwaitKind.Receive : AwaitKind.Credit, connection));
            }
        }
    }

    // A fused step whose message is here waits for credit to send on.
    private static Connection? AwaitedBy(in PlanStep step) => IsAwaitingMessage(step) ? step.Receive : step.Send;

    private static unsafe bool IsAwaitingMessage(in PlanStep step) => step.Receive is { } receive && (step.Send is null || !receive.TryReceive(out _, out _));
}
