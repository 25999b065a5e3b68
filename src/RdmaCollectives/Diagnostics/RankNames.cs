using System.Globalization;
using System.Text;

namespace RdmaCollectives.Diagnostics;

/// <summary>Ranks in words.</summary>
internal static class RankNames
{
    /// <summary><c>rank 2</c>, <c>ranks 0..5, 7</c>: as short as it goes. The ranks ascend.</summary>
    public static string Short(ReadOnlySpan<int> ranks)
    {
        var text = new StringBuilder(ranks.Length == 1 ? "rank " : "ranks ");
        for (int i = 0; i < ranks.Length;)
        {
            int last = i;
            while (last + 1 < ranks.Length && ranks[last + 1] == ranks[last] + 1)
            {
                last++;
            }

            text.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{ranks[i]}");
            text.Append(last == i ? "" : last == i + 1 ? string.Create(CultureInfo.InvariantCulture, $", {ranks[last]}") : string.Create(CultureInfo.InvariantCulture, $"..{ranks[last]}"));
            i = last + 1;
        }

        return text.ToString();
    }

    /// <summary><c>rank 2 and rank 3</c>, or <c>rank 2 or rank 3</c>; many are shortened.</summary>
    public static string InWords(int[] ranks, bool isChoice) =>
        ranks.Length > 4 ? (isChoice ? "one of " : "") + Short(ranks) : string.Join(isChoice ? " or " : " and ", ranks.Select(rank => string.Create(CultureInfo.InvariantCulture, $"rank {rank}")));
}
