using static RdmaCollectives.Schedules.StepBuffer;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>A small schedule of every collective, written down for the tests: they try the verifier without leaning on the algorithms.</summary>
internal static class SmallSchedules
{
    /// <summary>All of them, for three or four ranks, by name.</summary>
    public static IReadOnlyDictionary<string, (ListedSchedule Schedule, Shape Shape)> All { get; } = new Dictionary<string, (ListedSchedule, Shape)>(StringComparer.Ordinal)
    {
        ["reduce"] = (Reduce(), new Shape(3, Root: 1)),
        ["broadcast"] = (Broadcast(), new Shape(3, Root: 1)),
        ["all-gather"] = (AllGather(3, pieces: 2), new Shape(3)),
        ["all-gather-ranges"] = (AllGatherByRanges(3, pieces: 2), new Shape(3)),
        ["reduce-scatter"] = (ReduceScatter(3), new Shape(3)),
        ["all-to-all"] = (AllToAll(3, pieces: 2), new Shape(3)),
        ["all-to-all-bruck"] = (AllToAllBruck(3), new Shape(3)),
        ["gather"] = (Gather(3, root: 1, pieces: 2), new Shape(3, Root: 1)),
        ["scatter"] = (Scatter(3, root: 2, pieces: 2), new Shape(3, Root: 2)),
        ["barrier"] = (Barrier(4), new Shape(4)),
    };

    /// <summary>Rank 1 takes the inputs of its neighbours in rank order.</summary>
    public static ListedSchedule Reduce() =>
        new(
            1,
            1,
            [Step.Send(0, 0, 1)],
            [Step.ReceiveReduce(0, 0, 0), Step.ReceiveReduce(0, 0, 2, Output, Output, isFinal: true, isOwnLeft: true)],
            [Step.Send(0, 0, 1)])
        { Collective = CollectiveKind.Reduce, Traits = ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree };

    /// <summary>A chain from rank 1 by way of rank 2 to rank 0, two chunks behind each other.</summary>
    public static ListedSchedule Broadcast() =>
        new(
            2,
            1,
            [Step.Receive(0, 0, 2), Step.Receive(0, 1, 2)],
            [Step.Send(0, 0, 2), Step.Send(0, 1, 2), Step.Copy(0, 0, Input, 0, Output, count: 2)],
            [Step.ReceiveCopySend(0, 0, 1, 0), Step.ReceiveCopySend(0, 1, 1, 0)])
        { Collective = CollectiveKind.Broadcast };

    /// <summary>A ring; every message is a block.</summary>
    public static ListedSchedule AllGather(int n, int pieces) =>
        new(
            n * pieces,
            2,
            [.. Enumerable.Range(0, n).Select(r => (Step[])[
                Step.Send(0, r * pieces, (r + 1) % n, count: pieces),
                Step.Copy(0, r * pieces, Input, r * pieces, Output, count: pieces),
                .. Enumerable.Range(1, n - 2).Select(i => Step.ReceiveCopySend(0, Block(r - i, n) * pieces, Block(r - 1, n), (r + 1) % n, count: pieces)),
                Step.Receive(0, Block(r + 1, n) * pieces, Block(r - 1, n), count: pieces)])])
        { Collective = CollectiveKind.AllGather, Traits = ScheduleTraits.VariableBlocks };

    /// <summary>Distances double, and messages with them: the blocks from the rank on, around the end of the buffer.</summary>
    public static ListedSchedule AllGatherByRanges(int n, int pieces)
    {
        IEnumerable<Step> Rounds(int r)
        {
            for (int distance = 1; distance < n; distance *= 2)
            {
                int count = Math.Min(distance, n - distance) * pieces;
                yield return Step.Send(0, r * pieces, Block(r - distance, n), Output, count);
                yield return Step.Receive(0, Block(r + distance, n) * pieces, Block(r + distance, n), count: count);
            }
        }

        return new ListedSchedule(n * pieces, 1, [.. Enumerable.Range(0, n).Select(r => (Step[])[Step.Copy(0, r * pieces, Input, r * pieces, Output, count: pieces), .. Rounds(r)])])
        {
            Collective = CollectiveKind.AllGather,
            Traits = ScheduleTraits.VariableBlocks,
        };
    }

    /// <summary>A ring; block b starts on rank b+1 and is complete on rank b.</summary>
    public static ListedSchedule ReduceScatter(int n) =>
        new(
            n,
            2,
            [.. Enumerable.Range(0, n).Select(r => (Step[])[
                Step.Send(0, Block(r - 1, n), (r + 1) % n),
                .. Enumerable.Range(1, n - 2).Select(i => Step.ReceiveReduceSend(0, Block(r - 1 - i, n), Block(r - 1, n), (r + 1) % n)),
                Step.ReceiveReduce(0, r, Block(r - 1, n), isFinal: true)])])
        { Collective = CollectiveKind.ReduceScatter };

    /// <summary>Every pair straight; every message is a block.</summary>
    public static ListedSchedule AllToAll(int n, int pieces) =>
        new(
            n * pieces,
            1,
            [.. Enumerable.Range(0, n).Select(r => (Step[])[
                Step.Copy(0, r * pieces, Input, r * pieces, Output, count: pieces),
                .. Enumerable.Range(1, n - 1).SelectMany(i => (Step[])[
                    Step.Send(0, Block(r + i, n) * pieces, Block(r + i, n), count: pieces),
                    Step.Receive(0, Block(r - i, n) * pieces, Block(r - i, n), count: pieces)])])])
        { Collective = CollectiveKind.AllToAll, Traits = ScheduleTraits.VariableBlocks };

    /// <summary>Bruck's: turned, then by the bits of the distance, then turned back. What arrives goes to the second plane, as what it replaces may still be read.</summary>
    public static ListedSchedule AllToAllBruck(int n)
    {
        IEnumerable<Step> Rounds(int r)
        {
            var plane = new int[n];
            for (int bit = 1; bit < n; bit *= 2)
            {
                foreach (int i in Enumerable.Range(0, n).Where(i => (i & bit) != 0))
                {
                    yield return Step.Send(0, (plane[i] * n) + i, Block(r + bit, n), Scratch);
                    yield return Step.Receive(0, (++plane[i] * n) + i, Block(r - bit, n), Scratch);
                }
            }

            for (int i = 0; i < n; i++)
            {
                yield return Step.Copy(0, (plane[i] * n) + i, Scratch, Block(r - i, n), Output);
            }
        }

        return new ListedSchedule(n, 1, [.. Enumerable.Range(0, n).Select(r => (Step[])[Step.Copy(0, r, Input, 0, Scratch, count: n), .. Rounds(r)])])
        {
            Collective = CollectiveKind.AllToAll,
            Planes = 1 + int.Log2(n) + 1,
        };
    }

    /// <summary>Every rank straight to the root.</summary>
    public static ListedSchedule Gather(int n, int root, int pieces) =>
        new(
            n * pieces,
            1,
            [.. Enumerable.Range(0, n).Select(r => r != root
                ? (Step[])[Step.Send(0, r * pieces, root, count: pieces)]
                : [Step.Copy(0, r * pieces, Input, r * pieces, Output, count: pieces), .. Enumerable.Range(1, n - 1).Select(i => Step.Receive(0, Block(r + i, n) * pieces, Block(r + i, n), count: pieces))])])
        { Collective = CollectiveKind.Gather, Traits = ScheduleTraits.VariableBlocks };

    /// <summary>The root straight to every rank.</summary>
    public static ListedSchedule Scatter(int n, int root, int pieces) =>
        new(
            n * pieces,
            1,
            [.. Enumerable.Range(0, n).Select(r => r != root
                ? (Step[])[Step.Receive(0, r * pieces, root, count: pieces)]
                : [.. Enumerable.Range(1, n - 1).Select(i => Step.Send(0, Block(r + i, n) * pieces, Block(r + i, n), count: pieces)), Step.Copy(0, r * pieces, Input, r * pieces, Output, count: pieces)])])
        { Collective = CollectiveKind.Scatter, Traits = ScheduleTraits.VariableBlocks };

    /// <summary>Dissemination: after round k every rank knows of 2^k ranks.</summary>
    public static ListedSchedule Barrier(int n) =>
        new(
            1,
            1,
            [.. Enumerable.Range(0, n).Select(r => Enumerable.Range(0, 31).Where(k => 1 << k < n).SelectMany(k => (Step[])[Step.Send(0, 0, Block(r + (1 << k), n)), Step.Receive(0, 0, Block(r - (1 << k), n))]).ToArray())])
        { Collective = CollectiveKind.Barrier };

    private static int Block(int rank, int n) => ((rank % n) + n) % n;
}
