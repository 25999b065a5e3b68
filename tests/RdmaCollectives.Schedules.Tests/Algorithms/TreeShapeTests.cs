using RdmaCollectives.Schedules.Algorithms;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>The trees that schedules share: parents and children agree, and each tree is what its text says.</summary>
public sealed class TreeShapeTests
{
    private const int MostRanks = 130;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Child_KnomialTree_SubtreesAreRangesAndHeightIsTheMostDigits(int radix)
    {
        for (int n = 1; n <= MostRanks; n++)
        {
            var tree = new KnomialTree(n, radix);
            int deepest = CheckTree(new RootedTree(tree, Root: 0), 0, n);
            Assert.Equal(deepest, tree.Height);
            for (int position = 0; position < n; position++)
            {
                // Children cut the range behind the position into ranges, the nearest first.
                int next = position + 1;
                for (int index = 0; index < tree.ChildCount(position); index++)
                {
                    Assert.Equal(next, tree.Child(position, index));
                    next += tree.SubtreeSize(next);
                }

                Assert.Equal(position + tree.SubtreeSize(position), next);
            }
        }
    }

    [Fact]
    public void Child_RootedTree_HangsAllRanksOfAHostUnderAnyRoot()
    {
        for (int n = 1; n <= 33; n++)
        {
            for (int root = 0; root < n; root++)
            {
                CheckTree(new RootedTree(new KnomialTree(n), root, First: 7), 7, n);
            }
        }
    }

    [Fact]
    public void Child_FoldedTree_AddsUpToTheFixedExpression()
    {
        for (int n = 1; n <= MostRanks; n++)
        {
            var tree = new FoldedTree(n, First: 3);
            CheckTree(tree, 3, n);
            Assert.Equal(FixedTree.Describe(n), Sum(3));

            string Sum(int rank) => Enumerable.Range(0, tree.ChildCount(rank)).Aggregate($"{rank - 3}", (left, index) => $"({left}+{Sum(tree.Child(rank, index))})");
        }
    }

    [Fact]
    public void Child_DoubleTreeInRankOrder_BothAreInOrderAndNobodyIsAParentInBoth()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            foreach (bool isSecond in (bool[])[false, true])
            {
                DoubleTree tree = DoubleTree.InRankOrder(n, isSecond);
                Assert.InRange(CheckTree(tree, 0, n), tree.Height - 1, tree.Height);
                int root = Enumerable.Range(0, n).Single(rank => tree.Parent(rank) < 0);
                Assert.Equal(Enumerable.Range(0, n), InOrder(tree, root));
            }

            DoubleTree first = DoubleTree.InRankOrder(n, isSecond: false);
            DoubleTree second = DoubleTree.InRankOrder(n, isSecond: true);
            for (int rank = n % 2; rank < n; rank++)
            {
                Assert.True(first.ChildCount(rank) == 0 || second.ChildCount(rank) == 0, $"rank {rank} of {n} has children in both trees");
            }
        }
    }

    [Fact]
    public void Child_DoubleTreeUnderARoot_NobodyElseIsAParentInBoth()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            int root = n / 3;
            DoubleTree first = DoubleTree.Under(n, root, isSecond: false);
            DoubleTree second = DoubleTree.Under(n, root, isSecond: true);
            CheckTree(first, 0, n);
            CheckTree(second, 0, n);
            Assert.Equal((1, 1), (first.ChildCount(root), second.ChildCount(root)));
            foreach (int rank in Enumerable.Range(0, n).Where(rank => rank != root))
            {
                Assert.True(first.ChildCount(rank) == 0 || second.ChildCount(rank) == 0, $"rank {rank} of {n} has children in both trees");
                Assert.InRange(first.ChildCount(rank) + second.ChildCount(rank), 0, 2);
            }
        }
    }

    [Fact]
    public void Find_Timetable_GoesByTimeThenByLineAndKeepsTheOrderOfEachLine()
    {
        var timetable = new Timetable(3);
        timetable.Add(start: 4, stepsPerPiece: 1);
        timetable.Add(start: 5, stepsPerPiece: 2);
        timetable.Add(start: 6, stepsPerPiece: 0);
        timetable.Add(start: 8, stepsPerPiece: 1);
        var found = new List<(int Line, int Piece, int Step)>();
        for (int index = 0; index < timetable.StepCount; index++)
        {
            found.Add(timetable.Find(index));
        }

        Assert.Equal(
            [(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 1, 0), (1, 1, 0), (1, 1, 1), (0, 2, 0), (3, 0, 0), (1, 2, 0), (1, 2, 1), (3, 1, 0), (3, 2, 0)],
            found);
    }

    /// <summary>One root, every other rank a child of its parent, all of them under the root; returns the depth of the deepest.</summary>
    private static int CheckTree<TTree>(TTree tree, int first, int count)
        where TTree : struct, IRankTree
    {
        int deepest = 0;
        int roots = 0;
        foreach (int rank in Enumerable.Range(first, count))
        {
            int parent = tree.Parent(rank);
            roots += parent < 0 ? 1 : 0;
            if (parent >= 0)
            {
                Assert.Contains(rank, Enumerable.Range(0, tree.ChildCount(parent)).Select(index => tree.Child(parent, index)));
            }

            Assert.All(Enumerable.Range(0, tree.ChildCount(rank)).Select(index => tree.Child(rank, index)), child => Assert.Equal(rank, tree.Parent(child)));
            int depth = 0;
            for (int at = rank; tree.Parent(at) >= 0; at = tree.Parent(at))
            {
                Assert.True(++depth < count, $"rank {rank} of {count} is under itself");
            }

            deepest = Math.Max(deepest, depth);
        }

        Assert.Equal(1, roots);
        return deepest;
    }

    private static IEnumerable<int> InOrder(DoubleTree tree, int rank)
    {
        int[] children = [.. Enumerable.Range(0, tree.ChildCount(rank)).Select(index => tree.Child(rank, index))];
        return [.. children.Where(child => child < rank).SelectMany(child => InOrder(tree, child)), rank, .. children.Where(child => child > rank).SelectMany(child => InOrder(tree, child))];
    }
}
