using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RdmaCollectives.Schedules.Json;

/// <summary>What is wrong with a file, as the exception that users of schedules expect.</summary>
internal static partial class JsonFault
{
    public static ScheduleException Create(JsonException fault)
    {
        Match step = StepPath().Match(fault.Path ?? "");
        int rank = Number(step.Groups["rank"]);
        int index = Number(step.Groups["step"]);
        string line = fault.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $"line {number + 1}, ") : "";
        string where = rank < 0 ? fault.Path ?? "$" : index < 0 ? $"steps of rank {rank}" : $"step {index} of rank {rank}";
        return new ScheduleException("json", rank, index, $"{line}{where}: {fault.Message}", fault);
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex(@"\.steps\[(?<rank>\d+)\](\[(?<step>\d+)\])?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StepPath();
}
