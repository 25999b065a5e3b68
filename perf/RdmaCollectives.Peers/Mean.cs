namespace RdmaCollectives.Peers;

internal static class Mean
{
    /// <summary>Of ratios: twice as fast at one size and half as fast at another is 1.</summary>
    public static double Geometric(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));
}
