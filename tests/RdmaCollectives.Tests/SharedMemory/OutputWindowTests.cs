using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>Results that one rank stores in the output of the other, over real shared segments.</summary>
public sealed unsafe class OutputWindowTests : IDisposable
{
    private const int ByteCount = 16 * 1024;
    private const ulong Offset = 6000;

    private readonly TransportPair _pair = new();
    private readonly RegisteredBuffer<byte> _output;

    public OutputWindowTests() => _output = _pair.Allocate(1, ByteCount);

    private Connection Sender => _pair.Connection(0);

    private Connection Receiver => _pair.Connection(1);

    [Fact]
    public void SendStored_ToAnOpenOutput_LiesInItAndIsNotCopied()
    {
        Open(Receiver, call: 7);
        byte* there = Sender.TryGetPeersOutput(Header(7), Offset);
        Assert.True(there != null);
        new Span<byte>(there, 1000).Fill(0x5A);
        Sender.SendStored(Header(7), Offset);
        Assert.True(Sender.IsDrained); // nobody reads the sender's memory

        Assert.True(Receiver.TryReceive(out MessageHeader header, out byte* payload));
        Assert.True(header.Matches(Header(7)));
        Assert.True(payload == _output.Registration.Address + Offset);
        Assert.Equal(ReceiveStatus.Done, Receiver.TryReceiveInto(Header(7), payload, _output.Registration));
        Assert.Equal((int)Offset, _output.Span.IndexOfAnyExcept((byte)0));
        Assert.Equal((int)Offset + 999, _output.Span.LastIndexOfAnyExcept((byte)0));
        Assert.False(_output.Span.Slice((int)Offset, 1000).ContainsAnyExcept((byte)0x5A));
    }

    [Fact]
    public void TryGetPeersOutput_OfAnotherCall_OutOfRange_OrSealed_IsNull()
    {
        Assert.True(Sender.TryGetPeersOutput(Header(7), 0) == null, "nothing was opened");
        Open(Receiver, call: 7);
        Assert.True(Sender.TryGetPeersOutput(Header(8), 0) == null, "another call");
        Assert.True(Sender.TryGetPeersOutput(Header(7), ByteCount - 999) == null, "behind the end");
        Assert.True(Sender.TryGetPeersOutput(Header(7), ulong.MaxValue - 500) == null, "far behind the end");
        Assert.True(Sender.TryGetPeersOutput(Header(7), ByteCount - 1000) != null, "the last bytes");
        Sender.AbandonStored();

        using RegisteredBuffer<byte> closed = _pair.Allocate(1, ByteCount, isSealed: true);
        Receiver.OpenOutput(Header(9), closed.Registration.Address, ByteCount, closed.Registration);
        Assert.True(Sender.TryGetPeersOutput(Header(9), 0) == null, "sealed against writing");
    }

    [Fact]
    public void TryGetPeersOutput_AfterTheOwnersFence_IsNull()
    {
        Open(Receiver, call: 7);
        _pair.Transport(1).Fence();
        Assert.True(Sender.TryGetPeersOutput(Header(7), 0) == null);
    }

    /// <summary>The peer stands still while it stores; whoever has fenced waits a moment, and then nothing that it stores arrives any more.</summary>
    [Fact]
    public void Fence_WhileThePeerStores_NoByteChangesAfterwards()
    {
        Open(Receiver, call: 7);
        byte* there = Sender.TryGetPeersOutput(Header(7), Offset);
        new Span<byte>(there, 500).Fill(0x5A);

        _pair.Transport(1).Fence();

        _output.Span.Fill(0xEE); // the caller's again
        new Span<byte>(there, 1000).Fill(0x5B);
        Sender.SendStored(Header(7), Offset);
        Assert.False(_output.Span.ContainsAnyExcept((byte)0xEE));
        Assert.False(Receiver.TryReceive(out _, out _));
    }

    /// <summary>What is replaced is what was there: the rest of the buffer, which other calls may have filled, stays as it was.</summary>
    [Fact]
    public void Fence_WhileThePeerStores_KeepsAllOtherBytes()
    {
        for (int i = 0; i < ByteCount; i++)
        {
            _output.Span[i] = (byte)(i * 7);
        }

        Receiver.OpenOutput(Header(7), _output.Registration.Address + 5000, 5000, _output.Registration);
        Assert.True(Sender.TryGetPeersOutput(Header(7), 0) != null);
        _pair.Transport(1).Fence();
        for (int i = 0; i < ByteCount; i++)
        {
            Assert.Equal((byte)(i * 7), _output.Span[i]);
        }
    }

    [Fact]
    public void Fence_WhenThePeerHasStored_TakesNothingAway()
    {
        Open(Receiver, call: 7);
        byte* there = Sender.TryGetPeersOutput(Header(7), Offset);
        Sender.SendStored(Header(7), Offset);
        _pair.Transport(1).Fence();
        *there = 1; // against the contract, to see that the pages are the same
        Assert.Equal(1, _output.Span[(int)Offset]);
    }

    /// <summary>A rank that says it has stored what nobody let it store: another version, or worse.</summary>
    [Fact]
    public void TryReceive_StoredWhereNothingIsOpen_IsAFailure()
    {
        Open(Receiver, call: 7);
        Assert.True(Sender.TryGetPeersOutput(Header(7), Offset) != null);
        Sender.SendStored(Header(7), ByteCount - 999);
        Assert.False(Receiver.TryReceive(out _, out _));
        Assert.Contains("which is not open there", _pair.Transport(1).Failure!.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _output.Dispose();
        _pair.Dispose();
    }

    private void Open(Connection connection, uint call) => connection.OpenOutput(Header(call), _output.Registration.Address, ByteCount, _output.Registration);

    private static MessageHeader Header(uint call) => new() { Hash = 0xABCD, Sequence = call, ByteCount = 1000, Epoch = 1 };
}
