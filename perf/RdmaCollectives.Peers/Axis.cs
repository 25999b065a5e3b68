namespace RdmaCollectives.Peers;

/// <summary>A logarithmic axis.</summary>
internal readonly record struct Axis(double Low, double High, IReadOnlyList<double> Ticks)
{
    /// <summary>The powers of ten around some values.</summary>
    public static Axis Around(IEnumerable<double> values)
    {
        double[] all = [.. values];
        int low = (int)Math.Floor(Math.Log10(all.Min())), high = (int)Math.Ceiling(Math.Log10(all.Max()));
        return new Axis(Math.Pow(10, low), Math.Pow(10, Math.Max(high, low + 1)), [.. Enumerable.Range(low, Math.Max(high - low, 1) + 1).Select(power => Math.Pow(10, power))]);
    }

    /// <summary>From the first size to the last.</summary>
    public static Axis Doubling(IReadOnlyList<long> sizes) => new(sizes[0], Math.Max(sizes[^1], 2 * sizes[0]), []);

    /// <summary>0 at the low end, 1 at the high end; what lies beyond is drawn at the edge.</summary>
    public double Position(double value) => Math.Clamp(Math.Log(value / Low) / Math.Log(High / Low), 0, 1);
}

/// <summary>A rectangle of a picture with its axes.</summary>
internal readonly record struct Panel(double Left, double Top, double Width, double Height, Axis Horizontal, Axis Vertical)
{
    public double Bottom => Top + Height;

    public double X(double value) => Left + (Width * Horizontal.Position(value));

    public double Y(double value) => Bottom - (Height * Vertical.Position(value));
}
