using RdmaCollectives.Topology;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Topology;

public sealed class TransportSetTests
{
    private static readonly byte[] Valid = [0xff, 0xff, 2, 0, 8, 9, 0xff, 0xff, 0, 0];

    [Fact]
    public void DescriptionOf_WhatDescribeWrites_GivesEachTransportsPart()
    {
        Assert.Null(TransportSet.DescriptionOf(1, Valid, TransportIndex.Loopback));
        Assert.Equal([8, 9], TransportSet.DescriptionOf(1, Valid, TransportIndex.SharedMemory)!);
        Assert.Null(TransportSet.DescriptionOf(1, Valid, TransportIndex.Rdma));
        Assert.Empty(TransportSet.DescriptionOf(1, Valid, TransportIndex.Tcp)!);
    }

    [Fact]
    public void Describe_NothingStarted_SaysSoOfEach()
    {
        using var transports = new TransportSet();
        byte[] blob = transports.Describe();
        for (int index = 0; index < TransportIndex.Count; index++)
        {
            Assert.Null(TransportSet.DescriptionOf(0, blob, index));
        }
    }

    [Fact]
    public void DescriptionOf_CutAnywhere_IsATypedErrorThatNamesTheRank()
    {
        for (int length = 0; length < Valid.Length; length++)
        {
            var error = Assert.Throws<RendezvousException>(() => TransportSet.DescriptionOf(7, Valid.AsSpan(0, length), TransportIndex.Tcp));
            Assert.Equal(7, error.Peer);
            Assert.Contains("rank 7", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DescriptionOf_AnyBytes_EndsInAnAnswerOrATypedError()
    {
        const int Seed = 20261122;
        var random = new Random(Seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] blob = new byte[random.Next(40)];
            random.NextBytes(blob);
            Exception? error = Record.Exception(() => TransportSet.DescriptionOf(1, blob, random.Next(TransportIndex.Count)));
            Assert.True(error is null or RendezvousException, $"Seed {Seed}, number {i}: {error}");
        }
    }

    [Fact]
    public void Choose_PeersMaskOfAnotherLength_IsATypedError()
    {
        var choice = new TransportChoice(3);
        choice.Set(1, TransportIndex.Tcp, null);
        Assert.Equal(TransportIndex.Tcp, choice.Choose(0, 1, [1 << TransportIndex.Tcp, 0, 0]));
        Assert.Equal(1, Assert.Throws<RendezvousException>(() => choice.Choose(0, 1, [])).Peer);
    }

    [Fact]
    public void Choose_NoTransportBetween_SaysWhyForEach()
    {
        var choice = new TransportChoice(2);
        choice.Set(1, TransportIndex.SharedMemory, "another host");
        choice.Set(1, TransportIndex.Tcp, null);
        string message = Assert.Throws<RendezvousException>(() => choice.Choose(0, 1, [0, 0])).Message;
        Assert.Contains("shm: another host", message, StringComparison.Ordinal);
        Assert.Contains("tcp: rank 1 does not reach this rank", message, StringComparison.Ordinal);
    }
}
