using System.Globalization;
using System.Text;

namespace RdmaCollectives.Bootstrap;

/// <summary>Ranks in words: <c>rank 2</c>, <c>ranks 2, 5 and 7</c>, at most 16 by number.</summary>
internal static class RankList
{
    private const int MostNamed = 16;

    public static string InWords(IReadOnlyList<int> ranks)
    {
        if (ranks.Count == 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"rank {ranks[0]}");
        }

        var text = new StringBuilder("ranks ");
        int named = Math.Min(ranks.Count, MostNamed);
        for (int i = 0; i < named; i++)
        {
            text.Append(i == 0 ? "" : i == ranks.Count - 1 ? " and " : ", ").Append(CultureInfo.InvariantCulture, $"{ranks[i]}");
        }

        return named == ranks.Count ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $" and {ranks.Count - named} more").ToString();
    }

    public static string Capitalized(IReadOnlyList<int> ranks) => "R" + InWords(ranks)[1..];
}
