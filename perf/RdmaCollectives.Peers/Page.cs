namespace RdmaCollectives.Peers;

/// <summary>A Markdown page whose measured parts stand between markers; only those are written.</summary>
internal sealed class Page(string path)
{
    /// <summary>Replaces one part.</summary>
    public void Write(string part, IEnumerable<string> lines)
    {
        string text = File.ReadAllText(path);
        string begin = Begin(part), end = End(part);
        int from = text.IndexOf(begin, StringComparison.Ordinal), to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            throw new PeersException($"{path}: the lines '{begin}' and '{end}' are missing; put them where the results belong.");
        }

        File.WriteAllText(path, $"{text[..(from + begin.Length)]}\n\n{string.Join('\n', lines).Trim()}\n\n{text[to..]}");
    }

    private static string Begin(string part) => $"<!-- measured: {part} -->";

    private static string End(string part) => $"<!-- end: {part} -->";
}
