using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tool.Perf;

/// <summary>All that can be measured, a record each.</summary>
internal static unsafe class PerfCollectives
{
    /// <summary>The calls of <c>group</c>.</summary>
    public const int GroupCalls = 16;

    public static IReadOnlyList<PerfCollective> All { get; } =
    [
        new()
        {
            Name = "all_reduce",
            Summary = "every rank gets the reduction of all inputs",
            Kind = CollectiveKind.AllReduce,
            HasPreMultipliedSum = true,
            BusFactor = n => 2.0 * (n - 1) / n,
            BusFormula = "2(n-1)/n",
            Call = c => c.Communicator.AllReduce(c.Send, c.Receive, (nuint)c.Total, c.Type, c.Op, c.Options),
            Expected = c => [new(0, c.Total, Piece.Reduction, 0)],
        },
        new()
        {
            Name = "reduce",
            Summary = "the root gets the reduction of all inputs",
            Kind = CollectiveKind.Reduce,
            HasPreMultipliedSum = true,
            BusFactor = _ => 1,
            BusFormula = "1",
            Call = c => c.Communicator.Reduce(c.Send, c.Receive, (nuint)c.Total, c.Type, c.Op, c.Root, c.Options),
            Expected = c => c.IsRoot ? [new(0, c.Total, Piece.Reduction, 0)] : [],
        },
        new()
        {
            Name = "broadcast",
            Summary = "every rank gets the root's buffer",
            Kind = CollectiveKind.Broadcast,
            Forms = Forms.InPlace,
            BusFactor = _ => 1,
            BusFormula = "1",
            Call = c => c.Communicator.Broadcast(c.Receive, (nuint)c.Total, c.Type, c.Root, c.Options),
            SendCount = c => c.IsRoot ? c.Total : 0,
            Expected = c => [new(0, c.Total, c.Root, 0)],
        },
        new()
        {
            Name = "all_gather",
            Summary = "every rank gets the blocks of all ranks; size: all blocks",
            Kind = CollectiveKind.AllGather,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.AllGather(c.Send, c.Receive, (nuint)c.Block, c.Type, c.Options),
            SendCount = c => c.Block,
            SendOffset = c => c.Rank * c.Block,
            Expected = c => c.OfEachRank(rank => new(rank * c.Block, c.Block, rank, 0)),
        },
        new()
        {
            Name = "all_gather_v",
            Summary = "the same with blocks of different sizes: rank r gives r+1 shares",
            Kind = CollectiveKind.AllGather,
            Traits = ScheduleTraits.VariableBlocks,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.AllGather(c.Send, c.Receive, c.Shares.Counts, [], c.Type, c.Options),
            SendCount = c => c.Shares.Count(c.Rank),
            SendOffset = c => c.Shares.Offset(c.Rank),
            Expected = c => c.OfEachRank(rank => new(c.Shares.Offset(rank), c.Shares.Count(rank), rank, 0)),
        },
        new()
        {
            Name = "reduce_scatter",
            Summary = "every rank gets its block of the reduction; size: all blocks",
            Kind = CollectiveKind.ReduceScatter,
            Parts = n => n,
            HasPreMultipliedSum = true,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.ReduceScatter(c.Send, c.Receive, (nuint)c.Block, c.Type, c.Op, c.Options),
            ReceiveOffset = c => c.Rank * c.Block,
            Expected = c => [new(0, c.Block, Piece.Reduction, c.Rank * c.Block)],
        },
        new()
        {
            Name = "reduce_scatter_v",
            Summary = "the same with blocks of different sizes: rank r gets r+1 shares",
            Kind = CollectiveKind.ReduceScatter,
            Traits = ScheduleTraits.VariableBlocks,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.ReduceScatter(c.Send, c.Receive, c.Shares.Counts, c.Type, c.Op, c.Options),
            ReceiveOffset = c => c.Shares.Offset(c.Rank),
            Expected = c => [new(0, c.Shares.Count(c.Rank), Piece.Reduction, c.Shares.Offset(c.Rank))],
        },
        new()
        {
            Name = "all_to_all",
            Summary = "every rank gives every rank a block; size: the blocks of one rank",
            Kind = CollectiveKind.AllToAll,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.AllToAll(c.Send, c.Receive, (nuint)c.Block, c.Type, c.Options),
            Expected = c => c.OfEachRank(rank => new(rank * c.Block, c.Block, rank, c.Rank * c.Block)),
        },
        new()
        {
            Name = "all_to_all_v",
            Summary = "the same with blocks of different sizes: the rank that is d further gets d+1 shares",
            Kind = CollectiveKind.AllToAll,
            Traits = ScheduleTraits.VariableBlocks,
            Forms = Forms.OutOfPlace,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.AllToAll(c.Send, c.SharesTo(c.Rank).Counts, [], c.Receive, c.SharesFrom(c.Rank).Counts, [], c.Type, c.Options),
            Expected = c => c.OfEachRank(rank => new(c.SharesFrom(c.Rank).Offset(rank), c.SharesFrom(c.Rank).Count(rank), rank, c.SharesTo(rank).Offset(c.Rank))),
        },
        new()
        {
            Name = "gather",
            Summary = "the root gets the blocks of all ranks; size: all blocks",
            Kind = CollectiveKind.Gather,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.Gather(c.Send, c.Receive, (nuint)c.Block, c.Type, c.Root, c.Options),
            SendCount = c => c.Block,
            SendOffset = c => c.IsRoot ? c.Rank * c.Block : 0,
            Expected = c => c.IsRoot ? c.OfEachRank(rank => new(rank * c.Block, c.Block, rank, 0)) : [],
        },
        new()
        {
            Name = "scatter",
            Summary = "every rank gets its block of the root's buffer; size: all blocks",
            Kind = CollectiveKind.Scatter,
            Parts = n => n,
            BusFactor = n => (n - 1.0) / n,
            BusFormula = "(n-1)/n",
            Call = c => c.Communicator.Scatter(c.Send, c.Receive, (nuint)c.Block, c.Type, c.Root, c.Options),
            SendCount = c => c.IsRoot ? c.Total : 0,
            ReceiveOffset = c => c.IsRoot ? c.Rank * c.Block : 0,
            Expected = c => [new(0, c.Block, c.Root, c.Rank * c.Block)],
        },
        new()
        {
            Name = "sendrecv",
            Summary = "a ring: every rank sends to the next and receives from the one before",
            IsPointToPoint = true,
            Forms = Forms.OutOfPlace,
            BusFactor = _ => 1,
            BusFormula = "1",
            Call = c => c.Communicator.SendReceive(c.Send, (nuint)c.Total, c.Next, c.Receive, (nuint)c.Total, c.Previous, c.Type, c.Options),
            Expected = c => [new(0, c.Total, c.Previous, 0)],
        },
        new()
        {
            Name = "barrier",
            Summary = "no rank returns before every rank has called; it has no size",
            Kind = CollectiveKind.Barrier,
            Forms = Forms.OutOfPlace,
            BusFactor = _ => 0,
            BusFormula = "0",
            Call = c => c.Communicator.Barrier(c.Options),
            SendCount = _ => 0,
        },
        new()
        {
            Name = "group",
            Summary = $"{GroupCalls} all-reduces as one OperationGroup; size: all of them together",
            Kind = CollectiveKind.AllReduce,
            Parts = _ => GroupCalls,
            BusFactor = n => 2.0 * (n - 1) / n,
            BusFormula = "2(n-1)/n",
            Call = c => c.Group.Run(),
            Expected = c => [new(0, c.Total, Piece.Reduction, 0)],
        },
    ];

    public static IEnumerable<string> Names => All.Select(collective => collective.Name);

    public static PerfCollective? Find(string name) => All.FirstOrDefault(collective => string.Equals(collective.Name, name, StringComparison.Ordinal));
}
