using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>The output that peers may store in: of one call at a time, that of the call that runs.</summary>
internal sealed unsafe partial class SharedMemoryTransport
{
    /// <summary>How long a fence waits for a peer that is storing: more than a piece takes, and than a processor is away as a rule.</summary>
    private static readonly TimeSpan StoringGrace = TimeSpan.FromMilliseconds(100);

    private ulong _openCall;
    private byte* _openOutput;
    private ulong _openByteCount;
    private MemoryRegistration? _openRegistration;

    public override bool HasWindows => _kind == SegmentKind.Memfd && Context.Options.Push;

    /// <summary>Messages that this rank has stored in outputs of others.</summary>
    public long StoredCount { get; internal set; }

    /// <summary>Whether a peer is in the middle of storing in this rank's output.</summary>
    internal bool IsAnyPeerStoring => _connections.Exists(static connection => connection.IsPeerStoring);

    /// <summary>Before the window of a call is opened to the first peer.</summary>
    internal void NoteOpen(ulong call, byte* output, ulong byteCount, MemoryRegistration registration)
    {
        _openCall = call;
        _openOutput = output;
        _openByteCount = byteCount;
        _openRegistration = registration;
    }

    /// <summary>Where a range of the output that is open for a call lies; null if it is not, or not there.</summary>
    internal byte* OpenOutputOf(ulong call, ulong offset, uint byteCount) =>
        _openCall == call && offset <= _openByteCount && byteCount <= _openByteCount - offset ? _openOutput + offset : null;

    // After the fence words and a full barrier: nobody begins to store any more. Who is at it has a moment to end; then it stands still or is dead, and gets pages of its own to store in.
    private void CloseOutput()
    {
        if (_openRegistration is not { } registration)
        {
            return;
        }

        _openRegistration = null;
        long began = Stopwatch.GetTimestamp();
        while (_connections.Find(static connection => connection.IsPeerStoring) is { } connection)
        {
            if (Stopwatch.GetElapsedTime(began) < StoringGrace)
            {
                Thread.Sleep(1);
                continue;
            }

            if (registration.Uses.TryHold()) // else the call is over and its memory gone: then the peer's word is a lie
            {
                int error = PrivatePages.Replace(_openOutput, (nuint)_openByteCount);
                registration.Uses.Release();
                if (error == 0)
                {
                    SharedMemoryLog.OutputTakenAway(_logger, connection.Peer, _openByteCount, Context.Rank);
                }
                else
                {
                    SharedMemoryLog.OutputNotTakenAway(_logger, connection.Peer, _openByteCount, Context.Rank, Marshal.GetPInvokeErrorMessage(error));
                }
            }

            return;
        }
    }
}
