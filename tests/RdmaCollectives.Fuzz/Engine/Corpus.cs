using System.Security.Cryptography;

namespace RdmaCollectives.Fuzz.Engine;

/// <summary>Inputs worth keeping, a file each, in a folder per parser: those that reached new code, and those that once broke something.</summary>
internal static class Corpus
{
    private const int MostBytes = 4096;

    /// <summary>The corpus that comes with the program.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "corpus");

    public static IReadOnlyList<byte[]> Load(string folder, string parser)
    {
        string path = Path.Combine(folder, parser);
        return Directory.Exists(path) ? [.. Directory.GetFiles(path).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
    }

    /// <summary>Adds an input under a name that is its hash; large ones are left out.</summary>
    public static void Keep(string folder, string parser, byte[] input)
    {
        if (input.Length is > 0 and <= MostBytes)
        {
            Directory.CreateDirectory(Path.Combine(folder, parser));
            File.WriteAllBytes(Path.Combine(folder, parser, Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 6)) + ".bin"), input);
        }
    }
}
