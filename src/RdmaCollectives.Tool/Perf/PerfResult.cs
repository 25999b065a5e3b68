using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Perf;

/// <summary>One measured size; the fields of a line of <c>--json</c>, in this order.</summary>
internal sealed record PerfResult
{
    /// <summary>The <see cref="Algorithm"/> where the library chooses.</summary>
    public const string Auto = "auto";

    /// <summary>The <see cref="Op"/> where nothing is reduced.</summary>
    public const string NoReduction = "none";

    public required string Collective { get; init; }

    /// <summary>The size: the larger buffer of a rank or of the root.</summary>
    public required long Bytes { get; init; }

    /// <summary>The count that the call is made with: where buffers have a block for each rank, those of one block (the mean, where blocks differ).</summary>
    public required long Elements { get; init; }

    public required string Dtype { get; init; }

    public required string Op { get; init; }

    public required int Ranks { get; init; }

    public required string Transport { get; init; }

    public required string Algorithm { get; init; }

    public required bool InPlace { get; init; }

    public required CallTimes TimeUs { get; init; }

    /// <summary>Calls before the measured ones.</summary>
    public required long Warmups { get; init; }

    /// <summary>Bytes by median time, in 1e9 bytes per second.</summary>
    public double AlgbwGBps => Bytes / (TimeUs.Median * 1e3);

    /// <summary>The speed that the slowest link must have had: nccl-tests, doc/PERFORMANCE.md.</summary>
    public double BusbwGBps => AlgbwGBps * PerfCollectives.Find(Collective)!.BusFactor(Ranks);

    /// <summary>Elements that were not exactly right, over all ranks; null if nobody looked.</summary>
    public required long? Wrong { get; init; }
}

/// <summary>Microseconds of one call on the slowest rank. <paramref name="First"/> is the very first call of this size, before the warm-up; the others are of the measured calls.</summary>
internal readonly record struct CallTimes(double First, double Min, double Median, double P99, double Max)
{
    public static CallTimes Of(double first, ReadOnlySpan<double> calls)
    {
        double[] sorted = calls.ToArray();
        Array.Sort(sorted);
        int upper = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
        int p99 = (int)Math.Ceiling(0.99 * sorted.Length) - 1; // nearest rank
        return new CallTimes(first, sorted[0], median, sorted[p99], sorted[^1]);
    }
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PerfResult))]
internal sealed partial class PerfJson : JsonSerializerContext;
