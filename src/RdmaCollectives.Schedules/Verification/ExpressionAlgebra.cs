using System.Globalization;
using System.Numerics;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// Exact values: expression trees, hash-consed, so that a value is the number of its node and two values are the same expression when the numbers
/// are equal, over all runs that share the table. The contributions are a bit set, which is why it ends at <see cref="RankLimit"/>.
/// </summary>
internal readonly struct ExpressionAlgebra : IChunkAlgebra<int>
{
    /// <summary>One bit per rank in a 64-bit set.</summary>
    public const int RankLimit = 64;

    private const int Unary = -1;

    private readonly int _ranks;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<(int Left, int Right), int> _known = [];

    public ExpressionAlgebra(int ranks, int chunks)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ranks, RankLimit);
        _ranks = ranks;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            for (int rank = 0; rank < ranks; rank++)
            {
                _nodes.Add(new Node(Unary, Unary, chunk, 1UL << rank, IsFinished: false, IsRankOrdered: true));
            }
        }
    }

    private ulong All => ulong.MaxValue >> (RankLimit - _ranks);

    public int Input(int rank, int chunk) => (chunk * _ranks) + rank;

    public int Combine(in int left, in int right)
    {
        Node l = _nodes[left];
        Node r = _nodes[right];
        return Intern(new Node(left, right, l.Chunk, l.Contributions | r.Contributions, IsFinished: false, l.IsRankOrdered && r.IsRankOrdered && Follows(l, r)));
    }

    public int Finish(in int value)
    {
        Node node = _nodes[value];
        return Intern(node with { Left = value, Right = Unary, IsFinished = true });
    }

    public int ChunkOf(in int value) => _nodes[value].Chunk;

    public bool IsFinished(in int value) => _nodes[value].IsFinished;

    public bool Overlap(in int left, in int right) => (_nodes[left].Contributions & _nodes[right].Contributions) != 0;

    public bool IsComplete(in int value) => _nodes[value].Contributions == All;

    public bool IsRankOrdered(in int value) => _nodes[value].IsRankOrdered;

    public string Describe(in int value)
    {
        Node node = _nodes[value];
        return node.Left == Unary ? string.Create(CultureInfo.InvariantCulture, $"in{BitOperations.TrailingZeroCount(node.Contributions)}[{node.Chunk}]")
            : node.Right == Unary ? $"final {Describe(node.Left)}"
            : $"({Describe(node.Left)} + {Describe(node.Right)})";
    }

    /// <summary>The highest rank of the left one is just below the lowest rank of the right one.</summary>
    private static bool Follows(Node left, Node right) =>
        RankLimit - BitOperations.LeadingZeroCount(left.Contributions) == BitOperations.TrailingZeroCount(right.Contributions);

    private int Intern(Node node)
    {
        if (!_known.TryGetValue((node.Left, node.Right), out int id))
        {
            id = _nodes.Count;
            _nodes.Add(node);
            _known.Add((node.Left, node.Right), id);
        }

        return id;
    }

    /// <summary>An input (no operand), a finished value (one) or a combination (two). Overlapping operands never come here.</summary>
    private readonly record struct Node(int Left, int Right, int Chunk, ulong Contributions, bool IsFinished, bool IsRankOrdered);
}
