using System.Text.Json;

namespace RdmaCollectives.Tool.Inspect;

/// <summary>Reads dumps, and believes none of them: sizes, depth, counts and times are bounded, and what is out of bounds is one sentence.</summary>
internal static class DumpReader
{
    public const long MostBytes = 64L << 20;
    public const int MostFiles = 4096;
    private const string FormatName = "rdmacc-flight-recorder";
    private const int KnownVersion = 1;
    private const int MostRanks = 65_536;
    private const int MostCalls = 65_536;
    private const int LongestText = 8192;

    /// <summary>31 years. Sums and differences of a few such times fit.</summary>
    private const long LatestTime = 1_000_000_000_000_000_000;

    /// <exception cref="ToolException">It can't be read, or is no dump.</exception>
    public static Dump Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(path, file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ToolException(ExitCode.BadArguments, $"{path}: {error.Message} Name files that the flight recorder wrote.", error);
        }
    }

    /// <inheritdoc cref="Read(string)"/>
    public static Dump Read(string path, Stream file)
    {
        if (file.Length > MostBytes)
        {
            throw Bad(path, $"it has {file.Length} bytes; a dump has at most {MostBytes}");
        }

        try
        {
            Dump dump = JsonSerializer.Deserialize(file, DumpJson.Default.Dump) ?? throw Bad(path, "it holds nothing");
            return Problem(dump) is { } problem ? throw Bad(path, problem) : dump with { Path = path };
        }
        catch (JsonException error)
        {
            throw Bad(path, $"it can't be read as one (line {error.LineNumber + 1}): {error.Message.Split('.', 2)[0]}", error);
        }
    }

    private static string? Problem(Dump dump) =>
        dump.Format != FormatName ? $"its format is '{Short(dump.Format)}', not '{FormatName}'"
        : dump.Version != KnownVersion ? $"its version is {dump.Version}, and this tool reads {KnownVersion}: take the rdmacc of the library that wrote it"
        : dump.WorldSize is < 1 or > MostRanks ? $"its world size is {dump.WorldSize}; allowed are 1 to {MostRanks}"
        : !IsRank(dump.Rank, dump) ? $"its rank is {dump.Rank} in a world of {dump.WorldSize}"
        : !IsText(dump.Communicator) || !IsText(dump.Scope) || !IsText(dump.Host) || !IsText(dump.Job) || !IsText(dump.Reason) || !IsText(dump.Fault?.Message) || !IsText(dump.Fault?.Error) ? $"a text in it is longer than {LongestText} characters"
        : dump.Clock.Offsets is null /* left out: generated code forgets defaults */ || !IsTime(dump.Clock.NowNs) || dump.Clock.Offsets.Count > MostRanks || !dump.Clock.Offsets.All(offset => IsOffset(offset, dump)) ? "its clock makes no sense"
        : dump.Operations.Any(call => call is null) ? "a call in it is nothing"
        : dump.Operations.Count > MostCalls ? $"it has {dump.Operations.Count} calls; at most {MostCalls} are kept"
        : dump.Operations.FirstOrDefault(call => !IsCall(call, dump)) is { } call ? $"call {call.Number} in it makes no sense: a time, a rank or a text is out of bounds"
        : null;

    private static bool IsCall(DumpCall call, Dump dump) =>
        IsTime(call.EnteredNs) && IsTime(call.FirstByteNs ?? 0) && IsTime(call.EndedNs ?? 0) && IsTime(call.WaitedNs) && (call.EndedNs ?? call.EnteredNs) >= call.EnteredNs
        && (call.AwaitedRank is not { } awaited || IsRank(awaited, dump)) && IsText(call.Call) && IsText(call.Kind) && IsText(call.Hash) && IsText(call.Algorithm) && IsText(call.Outcome);

    private static bool IsOffset(DumpOffset offset, Dump dump) =>
        offset is not null && IsRank(offset.Rank, dump) && offset.OffsetNs is > -LatestTime and < LatestTime && IsTime(offset.RoundTripNs) && IsTime(offset.MeasuredAtNs);

    private static bool IsRank(int rank, Dump dump) => rank >= 0 && rank < dump.WorldSize;

    private static bool IsTime(long time) => time is >= 0 and < LatestTime;

    private static bool IsText(string? text) => text is null || text.Length <= LongestText;

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private static ToolException Bad(string path, string problem, Exception? cause = null) =>
        new(ExitCode.BadArguments, $"{path} is no dump of a flight recorder: {problem}.", cause);
}
