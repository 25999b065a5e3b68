using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Planning;
using RdmaCollectives.Reduction;
using RdmaCollectives.Topology;

namespace RdmaCollectives.Tests.Execution;

public sealed class TransferShapesTests
{
    private const int Rank = 20;
    private const int Ranks = 64;

    // With itself alone, a rank needs no connection; so only places are looked at here, and TransferShapesTests of Collectives exchange something.
    [Theory]
    [InlineData("both", 1)]
    [InlineData("both", 3)]
    [InlineData("send", 1)]
    [InlineData("receive", 1)]
    public void PlaceOf_SixteenPeersInTurns_AreAllDifferent(string way, int first)
    {
        uint[] places =
        [
            .. Enumerable.Range(first, 16).Select(distance => TransferShapes.PlaceOf(
                way == "receive" ? -1 : (Rank + distance) % Ranks, way == "send" ? -1 : (Rank + Ranks - distance) % Ranks)),
        ];
        Assert.Equal(16, places.Distinct().Count());
        Assert.All(places, static place => Assert.InRange(place, 0u, 15u));
    }

    [Fact]
    public unsafe void Get_CallLikeOneBefore_HasItsSetWithOtherMemory()
    {
        var sequences = new PairSequences(1);
        var shapes = new TransferShapes(new TransferSet(0, 1, new ConnectionTable(1, 1), sequences));
        int a = 1, b = 2, c = 3, d = 4;
        TransferSet set = shapes.Get(ToSelf(&a, &b, 1));
        Assert.Same(set, shapes.Get(ToSelf(&c, &d, 1)));
        foreach (TransferLane lane in set.Lanes)
        {
            Assert.True(lane.Transfers[0].Address == (lane.IsSend ? (byte*)&c : (byte*)&d));
        }

        shapes.Get(ToSelf(&a, &b, 0)); // as many bytes as it says, and no longer those of the last
        Assert.Equal(0u, set.ByteCount);
    }

    private static unsafe Call ToSelf(int* from, int* to, ulong length) => new()
    {
        Kind = CallKind.SendReceive,
        DataType = (byte)DataType.Int32,
        ReduceOp = CallDescription.NoReduction,
        Kernel = new ReduceKernel(null, null, sizeof(int), isCommutative: true),
        SendPeer = 0,
        ReceivePeer = 0,
        Input = (byte*)from,
        InputLength = length,
        Output = (byte*)to,
        OutputLength = length,
    };
}
