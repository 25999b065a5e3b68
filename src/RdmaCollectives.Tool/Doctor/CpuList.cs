using System.Globalization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>Lists of processors as the kernel writes them: <c>0-3,8</c>.</summary>
internal static class CpuList
{
    private const int MostProcessors = 65_536;

    /// <summary>Empty for null and for text that is no list.</summary>
    public static IReadOnlySet<int> Parse(string? text)
    {
        HashSet<int> processors = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (!TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last))
            {
                return new HashSet<int>();
            }

            for (int processor = first; processor <= last; processor++)
            {
                processors.Add(processor);
            }
        }

        return processors;
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MostProcessors;
}
