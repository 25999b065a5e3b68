namespace RdmaCollectives.Peers;

/// <summary>The median of some values, and the interval that holds it with 95% by the bootstrap: of the medians of all samples of as many values, drawn with repetition, what is left without the outer 2.5% on each side.</summary>
/// <remarks>
/// Efron, Bootstrap methods: another look at the jackknife, 1979. Nothing is drawn: how likely each value is to be a sample's median can be counted (Maritz and Jarrett, 1978), and for 15 values,
/// which is what we publish, one of them lies so near to the 2.5% that drawing decides by its seed.
/// </remarks>
internal readonly record struct Estimate(double Median, double Low, double High)
{
    private const double Outer = 0.025;

    public static Estimate Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        (double Value, double Probability)[] medians = [.. Medians(sorted).OrderBy(median => median.Value)];
        return new Estimate(Spread.Of(sorted).Median, Quantile(medians, Outer), Quantile(medians, 1 - Outer));
    }

    /// <summary>Each median that a sample can have, with its probability.</summary>
    private static IEnumerable<(double Value, double Probability)> Medians(double[] sorted)
    {
        int count = sorted.Length, half = (count + 1) / 2;
        for (int i = 1; i <= count; i++)
        {
            // That the one in the middle, or of two the lower, is the i-th value.
            double lower = AtLeast(half, count, i) - AtLeast(half, count, i - 1);
            for (int j = i + 1; j <= count && count % 2 == 0; j++)
            {
                // That of two in the middle they are the i-th and the j-th: half of the draws are at most the i-th, and the others at least the j-th.
                double both = Choose(count, half) * (Power(i, count, half) - Power(i - 1, count, half)) * (Power(count - j + 1, count, half) - Power(count - j, count, half));
                lower -= both;
                yield return ((sorted[i - 1] + sorted[j - 1]) / 2, both);
            }

            yield return (sorted[i - 1], lower);
        }
    }

    private static double Quantile((double Value, double Probability)[] medians, double of)
    {
        double sum = 0;
        foreach ((double value, double probability) in medians)
        {
            sum += probability;
            if (sum >= of)
            {
                return value;
            }
        }

        return medians[^1].Value;
    }

    /// <summary>The probability that at least so many of <paramref name="count"/> draws are among the first <paramref name="first"/> of as many values.</summary>
    private static double AtLeast(int least, int count, int first) =>
        Enumerable.Range(least, count - least + 1).Sum(draws => Choose(count, draws) * Power(first, count, draws) * Power(count - first, count, count - draws));

    private static double Power(int numerator, int denominator, int exponent) => Math.Pow((double)numerator / denominator, exponent);

    private static double Choose(int of, int some) => Enumerable.Range(1, some).Aggregate(1.0, (product, i) => product * (of - some + i) / i);
}
