using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.QueuePairState;

namespace RdmaCollectives.Verbs.Tests;

public class QueuePairTransitionsTests
{
    private static readonly QueuePairState[] States = [Reset, Initialized, ReadyToReceive, ReadyToSend, SendQueueDrained, SendQueueError, QueuePairState.Error];

    private static readonly QueuePairAttributes Everything = new()
    {
        CurrentState = ReadyToSend,
        PartitionKeyIndex = 0,
        Port = 1,
        Access = MemoryAccess.RemoteWrite,
        AddressVector = AddressVector.InfiniBand(1, 7),
        PathMtu = PathMtu.Bytes1024,
        DestinationQueuePairNumber = 17,
        ReceiveSequenceNumber = 1,
        SendSequenceNumber = 2,
        MaxReadsAsTarget = 1,
        MaxReadsAsInitiator = 1,
        MinReceiverNotReadyTimer = 12,
        Timeout = 14,
        RetryCount = 6,
        ReceiverNotReadyRetryCount = 0,
        NotifiesDrained = false,
    };

    /// <summary>What each transition takes: an oracle of its own, in the words of man ibv_modify_qp.</summary>
    private static QueuePairAttributes Needed(QueuePairState from, QueuePairState to) => (from, to) switch
    {
        (Reset, Initialized) => new() { State = to, PartitionKeyIndex = 0, Port = 1, Access = MemoryAccess.None },
        (Initialized, ReadyToReceive) => new()
        {
            State = to,
            AddressVector = AddressVector.InfiniBand(1, 7),
            PathMtu = PathMtu.Bytes1024,
            DestinationQueuePairNumber = 17,
            ReceiveSequenceNumber = 1,
            MaxReadsAsTarget = 1,
            MinReceiverNotReadyTimer = 12,
        },
        (ReadyToReceive, ReadyToSend) => new()
        {
            State = to,
            Timeout = 14,
            RetryCount = 6,
            ReceiverNotReadyRetryCount = 0,
            SendSequenceNumber = 2,
            MaxReadsAsInitiator = 1,
        },
        _ => new() { State = to },
    };

    private static bool IsLegal(QueuePairState from, QueuePairState to) => to is Reset or QueuePairState.Error || (from, to) is
        (Reset, Initialized) or (Initialized, Initialized) or (Initialized, ReadyToReceive) or (ReadyToReceive, ReadyToSend) or (ReadyToSend, ReadyToSend)
        or (ReadyToSend, SendQueueDrained) or (SendQueueDrained, ReadyToSend) or (SendQueueDrained, SendQueueDrained);

    public static TheoryData<QueuePairState, QueuePairState> AllPairs()
    {
        TheoryData<QueuePairState, QueuePairState> pairs = [];
        foreach (QueuePairState from in States)
        {
            foreach (QueuePairState to in States)
                pairs.Add(from, to);
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(AllPairs))]
    public void Check_EveryPairOfStates_TakesLegalOnesAndNamesOthers(QueuePairState from, QueuePairState to)
    {
        if (IsLegal(from, to))
        {
            QueuePairTransitions.Check(from, Needed(from, to), "queue pair 17 of rxe0");
            return;
        }
        var thrown = Assert.Throws<InvalidOperationException>(() => QueuePairTransitions.Check(from, Needed(from, to), "queue pair 17 of rxe0"));
        Assert.StartsWith($"queue pair 17 of rxe0: {QueuePairTransitions.Code(from)} -> {QueuePairTransitions.Code(to)} is not a legal transition", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ResetToReadyToSend_NamesTheWaysThatThereAre()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => QueuePairTransitions.Check(Reset, Everything with { State = ReadyToSend }, "q"));

        Assert.Equal("q: RESET -> RTS is not a legal transition; from RESET it can go to RESET, INIT, ERR.", thrown.Message);
    }

    [Fact]
    public void Check_InitToReadyToReceiveWithoutAttributes_NamesEachMissingOne()
    {
        var thrown = Assert.Throws<ArgumentException>(() => QueuePairTransitions.Check(Initialized, new QueuePairAttributes { State = ReadyToReceive }, "q"));

        Assert.StartsWith(
            "q: INIT -> RTR needs AddressVector, PathMtu, DestinationQueuePairNumber, ReceiveSequenceNumber, MaxReadsAsTarget, MinReceiverNotReadyTimer, not given.",
            thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_EachRequiredAttributeLeftOut_IsTheOneNamed()
    {
        (QueuePairAttributes Given, QueuePairState From, string Missing)[] cases =
        [
            (Needed(Reset, Initialized) with { PartitionKeyIndex = null }, Reset, "PartitionKeyIndex"),
            (Needed(Reset, Initialized) with { Port = null }, Reset, "Port"),
            (Needed(Reset, Initialized) with { Access = null }, Reset, "Access"),
            (Needed(Initialized, ReadyToReceive) with { AddressVector = null }, Initialized, "AddressVector"),
            (Needed(Initialized, ReadyToReceive) with { PathMtu = null }, Initialized, "PathMtu"),
            (Needed(Initialized, ReadyToReceive) with { DestinationQueuePairNumber = null }, Initialized, "DestinationQueuePairNumber"),
            (Needed(Initialized, ReadyToReceive) with { ReceiveSequenceNumber = null }, Initialized, "ReceiveSequenceNumber"),
            (Needed(Initialized, ReadyToReceive) with { MaxReadsAsTarget = null }, Initialized, "MaxReadsAsTarget"),
            (Needed(Initialized, ReadyToReceive) with { MinReceiverNotReadyTimer = null }, Initialized, "MinReceiverNotReadyTimer"),
            (Needed(ReadyToReceive, ReadyToSend) with { Timeout = null }, ReadyToReceive, "Timeout"),
            (Needed(ReadyToReceive, ReadyToSend) with { RetryCount = null }, ReadyToReceive, "RetryCount"),
            (Needed(ReadyToReceive, ReadyToSend) with { ReceiverNotReadyRetryCount = null }, ReadyToReceive, "ReceiverNotReadyRetryCount"),
            (Needed(ReadyToReceive, ReadyToSend) with { SendSequenceNumber = null }, ReadyToReceive, "SendSequenceNumber"),
            (Needed(ReadyToReceive, ReadyToSend) with { MaxReadsAsInitiator = null }, ReadyToReceive, "MaxReadsAsInitiator"),
        ];
        Assert.All(cases, c =>
        {
            var thrown = Assert.Throws<ArgumentException>(() => QueuePairTransitions.Check(c.From, c.Given, "q"));
            Assert.Contains($"needs {c.Missing}, not given", thrown.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Check_AttributeOfAnotherTransition_IsNamed()
    {
        var thrown = Assert.Throws<ArgumentException>(() => QueuePairTransitions.Check(Reset, Needed(Reset, Initialized) with { PathMtu = PathMtu.Bytes4096 }, "q"));

        Assert.StartsWith("q: RESET -> INIT does not take PathMtu.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mask_WithEverythingSet_HasEveryFlagOfTheTable()
    {
        ibv_qp_attr_mask known = QueuePairTransitions.Table.Aggregate(default(ibv_qp_attr_mask), (mask, t) => mask | t.Required | t.Optional);
        // Alternate paths are legal but not offered.
        known &= ~(ibv_qp_attr_mask.IBV_QP_ALT_PATH | ibv_qp_attr_mask.IBV_QP_PATH_MIG_STATE);

        Assert.Equal(known, Everything.Mask);
    }
}
