using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Reducers of the user: what they compute, and what they must not do.</summary>
public sealed class ReducerTests
{
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    public void AllReduce_ReducerThatDoesNotCommute_IsInRankOrder(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        group.Run(communicator =>
        {
            foreach (int count in (int[])[0, 1, 5, 1000])
            {
                Affine[] values = [.. Enumerable.Range(0, count).Select(i => Affine.Of(communicator.Rank, i))];
                communicator.AllReduce(values.AsSpan(), default(AffineReducer));
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal(Enumerable.Range(0, ranks).Select(rank => Affine.Of(rank, i)).Aggregate(Affine.Compose), values[i]);
                }
            }
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void AllReduce_ElementOfTwelveBytes_IsExact(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        group.Run(communicator =>
        {
            foreach (int count in (int[])[1, 341, 342, 5000])
            {
                Twelve[] values = [.. Enumerable.Range(0, count).Select(i => new Twelve(i, communicator.Rank, 1))];
                communicator.AllReduce(values.AsSpan(), default(TwelveSum));
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal(new Twelve(i * ranks, ranks * (ranks - 1) / 2, ranks), values[i]);
                }
            }
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AllReduce_ElementLargerThanAMessage_IsArgumentExceptionThatSaysWhatToDo(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        group.Run(communicator =>
        {
            var error = Assert.Throws<ArgumentException>(() => communicator.AllReduce(new Huge[1].AsSpan(), default(HugeReducer)));
            Assert.Contains("RDMACC_CHUNK_BYTES to 4100", error.Message, StringComparison.Ordinal);
            communicator.AllReduce(new int[1].AsSpan(), ReduceOp.Sum); // nothing was sent, nothing is broken
        });
    }

    [Fact]
    public void AllReduce_ReducerThrows_IsAFaultOnEveryRankWithTheCauseWhereItThrew()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        var boom = new FormatException("boom");
        group.Run(communicator =>
        {
            ScriptedReducer reducer = ScriptedReducer.Of(communicator.Rank == 1 ? () => throw boom : () => { });
            int[] values = new int[10_000];
            var fault = Assert.Throws<CommunicatorFaultException>(() => communicator.AllReduce(values.AsSpan(), reducer, new OperationOptions { Algorithm = "ring" })); // in which every rank reduces
            Assert.Equal(Error.Reducer, fault.Reason);
            Assert.Equal(1, fault.Peer);
            Assert.Equal(communicator.Rank == 1 ? boom : null, fault.InnerException);
            Assert.Equal(Error.Reducer, Assert.Throws<CommunicatorFaultException>(() => communicator.AllReduce(values.AsSpan(), ReduceOp.Sum)).Reason);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllReduce_ReducerCallsACollective_IsInvalidOperation(bool ofAnotherCommunicator)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        using LocalGroup other = Communicator.CreateLocalGroup(1, Options);
        group.Run(communicator =>
        {
            Communicator target = ofAnotherCommunicator ? other[0] : communicator;
            Exception? seen = null;
            ScriptedReducer reducer = ScriptedReducer.Of(() => seen ??= Record.Exception(() => target.AllReduce(new int[1].AsSpan(), ReduceOp.Sum)));
            int[] values = [1];
            communicator.AllReduce(values.AsSpan(), reducer);
            Assert.Equal(2, values[0]);
            Assert.Contains("reducer", Assert.IsType<InvalidOperationException>(seen).Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Dispose_FromAReducer_IsInvalidOperationAndTheCommunicatorLivesOn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            Exception? seen = null;
            ScriptedReducer reducer = ScriptedReducer.Of(() => seen ??= Record.Exception(communicator.Dispose));
            communicator.AllReduce(new int[1].AsSpan(), reducer);
            Assert.IsType<InvalidOperationException>(seen);
            communicator.AllReduce(new int[1].AsSpan(), ReduceOp.Sum);
        });
    }
}
