using System.Globalization;
using System.Numerics;

namespace RdmaCollectives.Schedules;

/// <summary>
/// The one expression that the bit-exact mode computes for a number of ranks, whatever the algorithm: the promise of <see cref="ScheduleTraits.FixedTree"/>.
/// </summary>
/// <remarks>
/// With p the largest power of two that is not above the number of ranks n, the first 2 (n - p) ranks are combined in pairs, which leaves p operands. From then on neighbours are combined, again and again;
/// the lower one is the left operand. For five ranks that is <c>(((0+1)+2)+(3+4))</c>, for six <c>(((0+1)+(2+3))+(4+5))</c>. The operands are in rank order. The post-operation
/// of the reduction (the division of an average) comes once, at the end.
/// </remarks>
public static class FixedTree
{
    /// <summary>Evaluates the expression.</summary>
    /// <param name="ranks">The number of ranks, 1 and up.</param>
    /// <param name="operand">The contribution of a rank; asked once for each, in rank order.</param>
    /// <param name="combine">What combines a left and a right operand.</param>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <returns>The value of the whole, without the post-operation.</returns>
    public static T Evaluate<T>(int ranks, Func<int, T> operand, Func<T, T, T> combine)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentNullException.ThrowIfNull(operand);
        ArgumentNullException.ThrowIfNull(combine);
        int width = 1 << BitOperations.Log2((uint)ranks);
        int pairs = ranks - width;
        var values = new T[width];
        for (int i = 0; i < width; i++)
        {
            values[i] = i < pairs ? combine(operand(2 * i), operand((2 * i) + 1)) : operand(i + pairs);
        }

        for (; width > 1; width /= 2)
        {
            for (int i = 0; i < width / 2; i++)
            {
                values[i] = combine(values[2 * i], values[(2 * i) + 1]);
            }
        }

        return values[0];
    }

    /// <summary>The expression in words, with the ranks as operands: <c>((0+1)+2)</c> for three.</summary>
    public static string Describe(int ranks) =>
        Evaluate(ranks, static rank => rank.ToString(CultureInfo.InvariantCulture), static (left, right) => $"({left}+{right})");
}
