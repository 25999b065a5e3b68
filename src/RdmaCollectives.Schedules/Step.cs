using System.Runtime.InteropServices;

namespace RdmaCollectives.Schedules;

/// <summary>
/// One step of one rank on one channel: 16 bytes, blittable. Steps of a channel run in order; channels run side by side.
/// Each (peer, channel) is a FIFO of its own, so a receive takes the oldest message of its FIFO.
/// </summary>
/// <remarks>
/// A step works on <see cref="Count"/> chunks that follow each other, one unless it says otherwise, and moves them as one message. Behind the last chunk comes the first: in input and output
/// chunk 0 follows chunk <c>ChunkCount - 1</c>, and in each plane of scratch memory likewise.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly struct Step : IEquatable<Step>
{
    /// <summary>The most chunks of one step: what its 15 bits hold.</summary>
    public const int MaxCount = 32_767;

    private readonly uint _word; // bits 0-2 kind, 3-4 source, 5-6 destination, 7 final, 8 own is left, 9-16 channel, 17-31 count
    private readonly int _chunk;
    private readonly int _receivePeer;
    private readonly int _sendPeer;

    private Step(StepKind kind, int channel, int chunk, int receivePeer, int sendPeer, StepBuffer source, StepBuffer destination, int count, bool isFinal = false, bool isOwnLeft = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)channel, byte.MaxValue, nameof(channel));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        _word = (uint)kind | ((uint)source << 3) | ((uint)destination << 5) | (isFinal ? 1u << 7 : 0) | (isOwnLeft ? 1u << 8 : 0) | ((uint)channel << 9) | ((uint)count << 17);
        _chunk = chunk;
        _receivePeer = receivePeer;
        _sendPeer = sendPeer;
    }

    /// <summary>What the step does.</summary>
    public StepKind Kind => (StepKind)(_word & 7);

    /// <summary>The channel it belongs to, 0..255.</summary>
    public int Channel => (int)(_word >> 9) & 0xFF;

    /// <summary>The first chunk it works on; for <see cref="StepKind.Copy"/> and <see cref="StepKind.Reduce"/> the first of the destination.</summary>
    public int Chunk => _chunk;

    /// <summary>How many chunks it works on, from <see cref="Chunk"/> on: 1 to <see cref="MaxCount"/>.</summary>
    public int Count => (int)(_word >> 17);

    /// <summary>The rank it receives from, or -1.</summary>
    public int ReceivePeer => HasReceive ? _receivePeer : -1;

    /// <summary>The rank it sends to, or -1.</summary>
    public int SendPeer => HasSend ? _sendPeer : -1;

    /// <summary>The first chunk that a local step reads; for all other kinds the same as <see cref="Chunk"/>.</summary>
    public int SourceChunk => Kind is StepKind.Copy or StepKind.Reduce ? _receivePeer : _chunk;

    /// <summary>The buffer that "own" is read from.</summary>
    public StepBuffer Source => (StepBuffer)((_word >> 3) & 3);

    /// <summary>The buffer that out is in.</summary>
    public StepBuffer Destination => (StepBuffer)((_word >> 5) & 3);

    /// <summary>The value that this step produces is complete: the post-operation (division by the rank count for an average) is applied here, once.</summary>
    public bool IsFinal => (_word & (1u << 7)) != 0;

    /// <summary>
    /// The operands change sides: own is the left one. It lets a rank that comes first in rank order compute <c>own (+) received</c>, so that a value
    /// that several ranks compute separately has the same operands in the same order on each of them.
    /// </summary>
    public bool IsOwnLeft => (_word & (1u << 8)) != 0;

    /// <summary>Whether the step takes a message.</summary>
    public bool HasReceive => Kind is >= StepKind.Receive and <= StepKind.ReceiveCopySend;

    /// <summary>Whether the step gives a message.</summary>
    public bool HasSend => Kind is StepKind.Send or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend or StepKind.ReceiveCopySend;

    /// <summary>Whether the step combines two operands.</summary>
    public bool HasReduce => Kind is StepKind.ReceiveReduce or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend or StepKind.Reduce;

    /// <summary>Whether the step writes its destination.</summary>
    public bool HasStore => Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);

    /// <summary>Sends <paramref name="chunk"/> of <paramref name="source"/> to <paramref name="to"/>.</summary>
    public static Step Send(int channel, int chunk, int to, StepBuffer source = StepBuffer.Input, int count = 1) =>
        new(StepKind.Send, channel, chunk, -1, to, source, source, count);

    /// <summary>Receives <paramref name="chunk"/> from <paramref name="from"/> into <paramref name="destination"/>.</summary>
    public static Step Receive(int channel, int chunk, int from, StepBuffer destination = StepBuffer.Output, int count = 1) =>
        new(StepKind.Receive, channel, chunk, from, -1, destination, destination, count);

    /// <summary>Receives, combines with <paramref name="source"/>, stores in <paramref name="destination"/>.</summary>
    public static Step ReceiveReduce(int channel, int chunk, int from, StepBuffer source = StepBuffer.Input, StepBuffer destination = StepBuffer.Output, bool isFinal = false, bool isOwnLeft = false, int count = 1) =>
        new(StepKind.ReceiveReduce, channel, chunk, from, -1, source, destination, count, isFinal, isOwnLeft);

    /// <summary>Receives, combines with <paramref name="source"/>, sends the result on.</summary>
    public static Step ReceiveReduceSend(int channel, int chunk, int from, int to, StepBuffer source = StepBuffer.Input, bool isFinal = false, bool isOwnLeft = false, int count = 1) =>
        new(StepKind.ReceiveReduceSend, channel, chunk, from, to, source, source, count, isFinal, isOwnLeft);

    /// <summary>Receives, combines with <paramref name="source"/>, stores in <paramref name="destination"/> and sends the result on.</summary>
    public static Step ReceiveReduceCopySend(int channel, int chunk, int from, int to, StepBuffer source = StepBuffer.Input, StepBuffer destination = StepBuffer.Output, bool isFinal = false, bool isOwnLeft = false, int count = 1) =>
        new(StepKind.ReceiveReduceCopySend, channel, chunk, from, to, source, destination, count, isFinal, isOwnLeft);

    /// <summary>Receives into <paramref name="destination"/> and sends on unchanged.</summary>
    public static Step ReceiveCopySend(int channel, int chunk, int from, int to, StepBuffer destination = StepBuffer.Output, int count = 1) =>
        new(StepKind.ReceiveCopySend, channel, chunk, from, to, destination, destination, count);

    /// <summary>Copies <paramref name="sourceChunk"/> of <paramref name="source"/> to <paramref name="chunk"/> of <paramref name="destination"/>, locally.</summary>
    public static Step Copy(int channel, int sourceChunk, StepBuffer source, int chunk, StepBuffer destination, bool isFinal = false, int count = 1) =>
        new(StepKind.Copy, channel, chunk, sourceChunk, -1, source, destination, count, isFinal);

    /// <summary>Combines <paramref name="chunk"/> of <paramref name="destination"/> with <paramref name="sourceChunk"/> of <paramref name="source"/>, locally: destination (+) source.</summary>
    public static Step Reduce(int channel, int sourceChunk, StepBuffer source, int chunk, StepBuffer destination, bool isFinal = false, bool isOwnLeft = false, int count = 1) =>
        new(StepKind.Reduce, channel, chunk, sourceChunk, -1, source, destination, count, isFinal, isOwnLeft);

    /// <inheritdoc/>
    public bool Equals(Step other) =>
        _word == other._word && _chunk == other._chunk && _receivePeer == other._receivePeer && _sendPeer == other._sendPeer;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Step other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_word, _chunk, _receivePeer, _sendPeer);

    /// <summary>Whether two steps are the same.</summary>
    public static bool operator ==(Step left, Step right) => left.Equals(right);

    /// <summary>Whether two steps differ.</summary>
    public static bool operator !=(Step left, Step right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Words() + (IsOwnLeft ? " own left" : "") + (IsFinal ? " final" : "");

    private string Words() => Kind switch
    {
        StepKind.Send => $"ch{Channel} Send {Source}[{Chunk}{Length}] -> {SendPeer}",
        StepKind.Receive => $"ch{Channel} Receive {Destination}[{Chunk}{Length}] <- {ReceivePeer}",
        StepKind.Copy or StepKind.Reduce => $"ch{Channel} {Kind} {Source}[{SourceChunk}{Length}] -> {Destination}[{Chunk}{Length}]",
        _ => $"ch{Channel} {Kind} [{Chunk}{Length}] <- {ReceivePeer}{(HasSend ? $" -> {SendPeer}" : "")} own {Source}{(HasStore ? $" out {Destination}" : "")}",
    };

    private string Length => Count == 1 ? "" : $"+{Count}";
}
