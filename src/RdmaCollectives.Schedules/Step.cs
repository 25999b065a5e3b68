using System.Runtime.InteropServices;

namespace RdmaCollectives.Schedules;

/// <summary>
/// One step of one rank on one channel: 16 bytes, blittable. Steps of a channel run in order; channels run side by side.
/// Each (peer, channel) is a FIFO of its own, so a receive takes the oldest message of its FIFO.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly struct Step : IEquatable<Step>
{
    private readonly byte _kind;
    private readonly byte _channel;
    private readonly byte _buffers; // bits 0-1 source, 2-3 destination, 4 final, 5 own is left
    private readonly byte _reserved;
    private readonly int _chunk;
    private readonly int _receivePeer;
    private readonly int _sendPeer;

    private Step(StepKind kind, int channel, int chunk, int receivePeer, int sendPeer, StepBuffer source, StepBuffer destination, bool isFinal = false, bool isOwnLeft = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channel, byte.MaxValue);
        _kind = (byte)kind;
        _channel = (byte)channel;
        _buffers = (byte)((int)source | ((int)destination << 2) | (isFinal ? 16 : 0) | (isOwnLeft ? 32 : 0));
        _reserved = 0;
        _chunk = chunk;
        _receivePeer = receivePeer;
        _sendPeer = sendPeer;
    }

    /// <summary>What the step does.</summary>
    public StepKind Kind => (StepKind)_kind;

    /// <summary>The channel it belongs to, 0..255.</summary>
    public int Channel => _channel;

    /// <summary>The chunk it works on; for <see cref="StepKind.Copy"/> and <see cref="StepKind.Reduce"/> the chunk of the destination.</summary>
    public int Chunk => _chunk;

    /// <summary>The rank it receives from, or -1.</summary>
    public int ReceivePeer => HasReceive ? _receivePeer : -1;

    /// <summary>The rank it sends to, or -1.</summary>
    public int SendPeer => HasSend ? _sendPeer : -1;

    /// <summary>The chunk that a local step reads; for all other kinds the same as <see cref="Chunk"/>.</summary>
    public int SourceChunk => Kind is StepKind.Copy or StepKind.Reduce ? _receivePeer : _chunk;

    /// <summary>The buffer that "own" is read from.</summary>
    public StepBuffer Source => (StepBuffer)(_buffers & 3);

    /// <summary>The buffer that out is in.</summary>
    public StepBuffer Destination => (StepBuffer)((_buffers >> 2) & 3);

    /// <summary>The value that this step produces is complete: the post-operation (division by the rank count for an average) is applied here, once.</summary>
    public bool IsFinal => (_buffers & 16) != 0;

    /// <summary>
    /// The operands change sides: own is the left one. It lets a rank that comes first in rank order compute <c>own (+) received</c>, so that a value
    /// that several ranks compute separately has the same operands in the same order on each of them.
    /// </summary>
    public bool IsOwnLeft => (_buffers & 32) != 0;

    /// <summary>Whether the step takes a message.</summary>
    public bool HasReceive => Kind is >= StepKind.Receive and <= StepKind.ReceiveCopySend;

    /// <summary>Whether the step gives a message.</summary>
    public bool HasSend => Kind is StepKind.Send or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend or StepKind.ReceiveCopySend;

    /// <summary>Whether the step combines two operands.</summary>
    public bool HasReduce => Kind is StepKind.ReceiveReduce or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend or StepKind.Reduce;

    /// <summary>Whether the step writes its destination.</summary>
    public bool HasStore => Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);

    /// <summary>Sends <paramref name="chunk"/> of <paramref name="source"/> to <paramref name="to"/>.</summary>
    public static Step Send(int channel, int chunk, int to, StepBuffer source = StepBuffer.Input) =>
        new(StepKind.Send, channel, chunk, -1, to, source, source);

    /// <summary>Receives <paramref name="chunk"/> from <paramref name="from"/> into <paramref name="destination"/>.</summary>
    public static Step Receive(int channel, int chunk, int from, StepBuffer destination = StepBuffer.Output) =>
        new(StepKind.Receive, channel, chunk, from, -1, destination, destination);

    /// <summary>Receives, combines with <paramref name="source"/>, stores in <paramref name="destination"/>.</summary>
    public static Step ReceiveReduce(int channel, int chunk, int from, StepBuffer source = StepBuffer.Input, StepBuffer destination = StepBuffer.Output, bool isFinal = false, bool isOwnLeft = false) =>
        new(StepKind.ReceiveReduce, channel, chunk, from, -1, source, destination, isFinal, isOwnLeft);

    /// <summary>Receives, combines with <paramref name="source"/>, sends the result on.</summary>
    public static Step ReceiveReduceSend(int channel, int chunk, int from, int to, StepBuffer source = StepBuffer.Input, bool isFinal = false, bool isOwnLeft = false) =>
        new(StepKind.ReceiveReduceSend, channel, chunk, from, to, source, source, isFinal, isOwnLeft);

    /// <summary>Receives, combines with <paramref name="source"/>, stores in <paramref name="destination"/> and sends the result on.</summary>
    public static Step ReceiveReduceCopySend(int channel, int chunk, int from, int to, StepBuffer source = StepBuffer.Input, StepBuffer destination = StepBuffer.Output, bool isFinal = false, bool isOwnLeft = false) =>
        new(StepKind.ReceiveReduceCopySend, channel, chunk, from, to, source, destination, isFinal, isOwnLeft);

    /// <summary>Receives into <paramref name="destination"/> and sends on unchanged.</summary>
    public static Step ReceiveCopySend(int channel, int chunk, int from, int to, StepBuffer destination = StepBuffer.Output) =>
        new(StepKind.ReceiveCopySend, channel, chunk, from, to, destination, destination);

    /// <summary>Copies <paramref name="sourceChunk"/> of <paramref name="source"/> to <paramref name="chunk"/> of <paramref name="destination"/>, locally.</summary>
    public static Step Copy(int channel, int sourceChunk, StepBuffer source, int chunk, StepBuffer destination, bool isFinal = false) =>
        new(StepKind.Copy, channel, chunk, sourceChunk, -1, source, destination, isFinal);

    /// <summary>Combines <paramref name="chunk"/> of <paramref name="destination"/> with <paramref name="sourceChunk"/> of <paramref name="source"/>, locally: destination (+) source.</summary>
    public static Step Reduce(int channel, int sourceChunk, StepBuffer source, int chunk, StepBuffer destination, bool isFinal = false, bool isOwnLeft = false) =>
        new(StepKind.Reduce, channel, chunk, sourceChunk, -1, source, destination, isFinal, isOwnLeft);

    /// <inheritdoc/>
    public bool Equals(Step other) =>
        _kind == other._kind && _channel == other._channel && _buffers == other._buffers && _chunk == other._chunk && _receivePeer == other._receivePeer && _sendPeer == other._sendPeer;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Step other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_kind, _channel, _buffers, _chunk, _receivePeer, _sendPeer);

    /// <summary>Whether two steps are the same.</summary>
    public static bool operator ==(Step left, Step right) => left.Equals(right);

    /// <summary>Whether two steps differ.</summary>
    public static bool operator !=(Step left, Step right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Words() + (IsOwnLeft ? " own left" : "") + (IsFinal ? " final" : "");

    private string Words() => Kind switch
    {
        StepKind.Send => $"ch{Channel} Send {Source}[{Chunk}] -> {SendPeer}",
        StepKind.Receive => $"ch{Channel} Receive {Destination}[{Chunk}] <- {ReceivePeer}",
        StepKind.Copy or StepKind.Reduce => $"ch{Channel} {Kind} {Source}[{SourceChunk}] -> {Destination}[{Chunk}]",
        _ => $"ch{Channel} {Kind} [{Chunk}] <- {ReceivePeer}{(HasSend ? $" -> {SendPeer}" : "")} own {Source}{(HasStore ? $" out {Destination}" : "")}",
    };
}
