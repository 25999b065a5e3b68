using System.Text.Json;

namespace RdmaCollectives.Peers;

/// <summary>What one run of one program says of one size: a line of <c>rdmacc perf --json</c>, which the peers' programs print too.</summary>
internal sealed record Measured
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public required string Collective { get; init; }

    public required long Bytes { get; init; }

    public required int Ranks { get; init; }

    public required string Transport { get; init; }

    public required MeasuredTimes TimeUs { get; init; }

    public required double BusbwGBps { get; init; }

    public required long? Wrong { get; init; }

    /// <summary>The lines of one run by size.</summary>
    /// <exception cref="PeersException">No line, one that is no such JSON, or a wrong result: a time of it would say nothing.</exception>
    public static SortedDictionary<long, Measured> Parse(IEnumerable<string> lines, string program, string transport, Case one)
    {
        SortedDictionary<long, Measured> sizes = [];
        foreach (string line in lines.Where(line => line.StartsWith('{')))
        {
            Measured measured = Read(line, program);
            if (measured.Wrong != 0)
            {
                throw new WrongResultException($"{program}: {measured.Collective}, {measured.Bytes} bytes, {measured.Wrong?.ToString() ?? "no count of"} wrong elements; its times are not used.");
            }

            if (measured.Transport != transport || measured.Ranks != one.Ranks || measured.Collective != one.Collective)
            {
                throw new PeersException($"{program}: measured {measured.Collective}, {measured.Ranks} ranks over {measured.Transport}; {one.Collective}, {one.Ranks} over {transport} was wanted.");
            }

            sizes.Add(measured.Bytes, measured);
        }

        return sizes.Count > 0 ? sizes : throw new PeersException($"{program}: it printed no results.");
    }

    private static Measured Read(string line, string program)
    {
        try
        {
            return JsonSerializer.Deserialize<Measured>(line, Json)!;
        }
        catch (JsonException error)
        {
            throw new PeersException($"{program}: not a result line: {line} ({error.Message})");
        }
    }
}

/// <summary>Microseconds on the slowest rank: the very first call, and the median of the timed ones.</summary>
internal sealed record MeasuredTimes
{
    public required double First { get; init; }

    public required double Median { get; init; }
}

/// <summary>Ends the program with one line for the user.</summary>
internal class PeersException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>A program computed something wrong: nothing that it measures may be used, and the run ends.</summary>
internal sealed class WrongResultException(string message) : PeersException(message);
