using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// One rank reduces the inputs of all ranks of a <see cref="FoldedTree"/> in that tree's order, each as it arrives. Its own is a copy in the first plane of scratch memory, so that the output may be over the input.
/// </summary>
/// <remarks>
/// The operands come from left to right and are counted in binary: the partial sums at hand are of as many operands as the ones in the count, the largest at the bottom, as when a binary counter carries. Sum 0, at the
/// bottom, is in the output, sum s above it in plane s of scratch memory. A message that is the right operand of a pair is combined with the left one as it arrives; each carry beyond that is a local step.
/// </remarks>
/// <param name="Tree">The tree; of 2 or more ranks.</param>
/// <param name="PlaneChunks">The number of chunks in a plane.</param>
internal readonly record struct FixedTreeReduction(FoldedTree Tree, int PlaneChunks)
{
    /// <summary>The planes of scratch memory that it needs.</summary>
    public int Planes => Math.Max(1, Tree.Levels);

    /// <summary>The number of steps.</summary>
    public int Count => Before(Tree.Operands);

    /// <summary>Step <paramref name="j"/> of a rank; the result is in the output.</summary>
    public Step At(int rank, in StepRange range, int j, bool isFinal = true)
    {
        int operand = OperandAt(j);
        int step = j - Before(operand);
        int sums = BitOperations.PopCount((uint)operand);
        bool isLast = isFinal && j == Count - 1;
        if (operand < Tree.Pairs)
        {
            return step == 0 ? Take(rank, Tree.RankOf(operand), range, sums)
                : step == 1 ? Add(rank, Tree.RankOf(operand) + 1, range, sums, isLast)
                : Carry(range, sums - (step - 2), isLast);
        }

        return (operand & 1) == 0 ? Take(rank, Tree.RankOf(operand), range, sums)
            : step == 0 ? Add(rank, Tree.RankOf(operand), range, sums - 1, isLast)
            : Carry(range, sums - step, isLast);
    }

    /// <summary>
    /// The number of steps before those of an operand. One per operand; as many carries as the count of operands has made so far, which is the count less its ones; a pair of folded ranks is one step more, and an odd
    /// operand that is not a pair saves one, as its first carry is its own step.
    /// </summary>
    private int Before(int operand)
    {
        int folded = Math.Min(operand, Tree.Pairs);
        return operand + (operand - BitOperations.PopCount((uint)operand)) + folded - ((operand / 2) - (folded / 2));
    }

    private int OperandAt(int j)
    {
        int low = 0;
        int high = Tree.Operands;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = Before(middle) <= j ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The input of a rank becomes a sum of its own.</summary>
    private Step Take(int rank, int from, in StepRange range, int sum)
    {
        (int channel, int chunk, int count) = range;
        return from == rank
            ? Step.Copy(channel, chunk, StepBuffer.Scratch, ChunkOf(sum, chunk), BufferOf(sum), count: count)
            : Step.Receive(channel, ChunkOf(sum, chunk), from, BufferOf(sum), count);
    }

    /// <summary>The input of a rank comes to the right of a sum.</summary>
    private Step Add(int rank, int from, in StepRange range, int sum, bool isFinal)
    {
        (int channel, int chunk, int count) = range;
        return from == rank
            ? Step.Reduce(channel, chunk, StepBuffer.Scratch, ChunkOf(sum, chunk), BufferOf(sum), isFinal, count: count)
            : Step.ReceiveReduce(channel, ChunkOf(sum, chunk), from, BufferOf(sum), BufferOf(sum), isFinal, isOwnLeft: true, count);
    }

    /// <summary>A sum comes to the right of the one below it.</summary>
    private Step Carry(in StepRange range, int sum, bool isFinal) =>
        Step.Reduce(range.Channel, ChunkOf(sum, range.Chunk), BufferOf(sum), ChunkOf(sum - 1, range.Chunk), BufferOf(sum - 1), isFinal, count: range.Count);

    private static StepBuffer BufferOf(int sum) => sum == 0 ? StepBuffer.Output : StepBuffer.Scratch;

    private int ChunkOf(int sum, int chunk) => (sum * PlaneChunks) + chunk;
}
