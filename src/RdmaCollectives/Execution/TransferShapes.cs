using System.Runtime.CompilerServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;

namespace RdmaCollectives.Execution;

/// <summary>
/// The sets of transfers that sends and receives without a group ran last, so that a call like one of them finds its set filled in: same peers, lengths and type, other memory. Filling one in takes longer than to exchange
/// a small message. Under the progress token.
/// </summary>
internal sealed unsafe class TransferShapes(TransferSet first)
{
    private const int Length = 16; // a power of two; a rank that takes turns with so many others finds all of them

    private readonly Shape[] _shapes = new Shape[Length];

    private struct Shape
    {
        public TransferSet? Set;
        public bool IsFilled;
        public CallKind Kind;
        public byte DataType;
        public int ElementSize;
        public uint UserTypeHash;
        public int SendPeer;
        public int ReceivePeer;
        public ulong InputLength;
        public ulong OutputLength;
    }

    /// <summary>The set of a call, filled in.</summary>
    /// <exception cref="ArgumentException">The ranks are not connected.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransferSet Get(in Call call)
    {
        ref Shape shape = ref _shapes[PlaceOf(call.SendPeer, call.ReceivePeer)];
        if (shape.IsFilled && shape.SendPeer == call.SendPeer && shape.ReceivePeer == call.ReceivePeer && shape.Kind == call.Kind && shape.InputLength == call.InputLength
            && shape.OutputLength == call.OutputLength && shape.DataType == call.DataType && shape.ElementSize == call.Kernel.ElementSize && shape.UserTypeHash == call.UserTypeHash)
        {
            shape.Set!.Readdress(call.Input, call.Output);
            return shape.Set;
        }

        return Fill(ref shape, call);
    }

    /// <summary>Where the set of a call lies: peers that follow each other have places of their own, and so have the pairs of a rank that sends as far ahead as it receives from behind.</summary>
    public static uint PlaceOf(int sendPeer, int receivePeer) =>
        (sendPeer < 0 ? (uint)receivePeer : receivePeer < 0 ? (uint)sendPeer : (uint)sendPeer + (2 * (uint)receivePeer)) % Length;

    private TransferSet Fill(ref Shape shape, in Call call)
    {
        if (call.ReceivePeer == Transfer.Any)
        {
            return Fill(first, call); // always the same set: it remembers where to look next
        }

        shape.IsFilled = false; // should the next line throw
        TransferSet set = Fill(shape.Set ??= first.Another(), call);
        shape.IsFilled = true;
        shape.Kind = call.Kind;
        shape.DataType = call.DataType;
        shape.ElementSize = call.Kernel.ElementSize;
        shape.UserTypeHash = call.UserTypeHash;
        shape.SendPeer = call.SendPeer;
        shape.ReceivePeer = call.ReceivePeer;
        shape.InputLength = call.InputLength;
        shape.OutputLength = call.OutputLength;
        return set;
    }

    private static TransferSet Fill(TransferSet set, in Call call)
    {
        set.Clear();
        CallPreparer.Fill(set, call);
        return set;
    }
}
