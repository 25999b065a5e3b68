using System.Buffers;
using System.Globalization;
using System.Text;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>The options that both ends must have alike, as lines "name value". Each end sends its own and compares; what else differs (device, depth, inline) is each end's own affair.</summary>
internal sealed class PeerHello
{
    private const int MostBytes = 1024;
    private const int MostLines = 16;

    /// <summary>The MTU of an end that was not told one.</summary>
    private const string Either = "any";

    private static readonly SearchValues<byte> s_printable = SearchValues.Create([(byte)'\n', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (byte)code)]);

    private readonly List<KeyValuePair<string, string>> _lines;

    private PeerHello(List<KeyValuePair<string, string>> lines) => _lines = lines;

    public static PeerHello Of(RawOptions options)
    {
        return new PeerHello(
        [
            new("rdmacc", ToolVersion.Text),
            new("perf", options.Test.Name),
            options.Sizes.Count > 1 ? new("--all", "yes") : new("--size", Text(options.Sizes[0])),
            options.Duration is { } duration ? new("--duration", Text((long)duration.TotalSeconds)) : new("--iters", Text(options.Iterations)),
            new("--qp", Text(options.QueuePairs)),
            new("--post_list", Text(options.PostList)),
            new("--bidirectional", options.IsBidirectional ? "yes" : "no"),
            new("--mtu", options.Mtu is { } mtu ? Text(mtu.ByteCount()) : Either),
        ]);

        static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
    }

    public byte[] Write() => Encoding.ASCII.GetBytes(string.Concat(_lines.Select(line => $"{line.Key} {line.Value}\n")));

    /// <exception cref="ToolException">It is not what <see cref="Write"/> makes.</exception>
    public static PeerHello Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MostBytes || bytes[^1] != '\n' || bytes.ContainsAnyExcept(s_printable))
        {
            throw Frame.Refused($"sent options in {bytes.Length} bytes that are no lines of text");
        }

        List<KeyValuePair<string, string>> lines = [];
        foreach (string line in Encoding.ASCII.GetString(bytes[..^1]).Split('\n'))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string name = line[..Math.Max(space, 0)];
            if (space <= 0 || space == line.Length - 1 || lines.Count == MostLines || lines.Exists(known => known.Key == name))
            {
                throw Frame.Refused($"sent the option '{line}', which is none, is given twice, or is one too many");
            }

            lines.Add(new(name, line[(space + 1)..]));
        }

        return new PeerHello(lines);
    }

    /// <summary>What differs, in words; null: nothing.</summary>
    public string? Difference(PeerHello other)
    {
        foreach ((string name, string value) in _lines)
        {
            string? theirs = other._lines.Find(line => line.Key == name).Value;
            if (theirs == value || (name == "--mtu" && theirs is not null && (theirs == Either || value == Either)))
            {
                continue;
            }

            // An option that stands in place of another, as --duration of --iters, is named by what the other end has.
            string there = theirs is not null ? $"{name} {theirs}" : string.Join(' ', other._lines.Where(line => !_lines.Exists(own => own.Key == line.Key)).Select(line => $"{line.Key} {line.Value}"));
            return $"{name} {value} at this end, and {(there.Length == 0 ? $"no {name}" : there)} at the other";
        }

        return other._lines.Count == _lines.Count ? null : "more options at the other end than at this one";
    }
}
