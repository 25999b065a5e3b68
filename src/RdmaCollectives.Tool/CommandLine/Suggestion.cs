namespace RdmaCollectives.Tool.CommandLine;

/// <summary>What a mistyped word most likely meant.</summary>
internal static class Suggestion
{
    /// <summary>" Did you mean sum?", or nothing if no known word is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        string? nearest = known.MinBy(candidate => Distance(word, candidate));
        return nearest is not null && 2 * Distance(word, nearest) <= nearest.Length ? $" Did you mean {nearest}?" : "";
    }

    /// <summary>Levenshtein's edit distance, upper and lower case alike.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
