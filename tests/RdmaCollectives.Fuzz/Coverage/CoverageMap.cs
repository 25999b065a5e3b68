using System.Reflection;

namespace RdmaCollectives.Fuzz.Coverage;

/// <summary>
/// Which basic blocks of the library ran, where its assemblies were rewritten by <see cref="Instrumenter"/>: a byte per block, set when the block is entered.
/// </summary>
internal sealed class CoverageMap
{
    private readonly byte[] _hits;
    private readonly bool[] _seen;
    private readonly int[] _blocks;

    private CoverageMap(byte[] hits, int[] blocks)
    {
        _hits = hits;
        _blocks = blocks;
        _seen = new bool[blocks.Length];
    }

    /// <summary>Blocks of the files in question.</summary>
    public int Total => _blocks.Length;

    public int Covered => _seen.Count(static seen => seen);

    /// <summary>The map of some source files; null where the assembly was not rewritten.</summary>
    public static CoverageMap? Of(Assembly assembly, IEnumerable<string> sources)
    {
        if (assembly.GetType(Instrumenter.TypeName)?.GetField(Instrumenter.FieldName)?.GetValue(null) is not byte[] hits)
        {
            return null;
        }

        string[] files = File.ReadAllLines(Instrumenter.MapPath(assembly.Location));
        Array.Clear(hits);
        return new CoverageMap(hits, [.. Enumerable.Range(0, files.Length).Where(block => sources.Any(source => files[block].Split('|')[0].EndsWith(source, StringComparison.Ordinal)))]);
    }

    /// <summary>Places (file and line) that never ran.</summary>
    public IEnumerable<string> Missed(Assembly assembly)
    {
        string[] files = File.ReadAllLines(Instrumenter.MapPath(assembly.Location));
        return _blocks.Where((_, index) => !_seen[index]).Select(block => files[block]);
    }

    /// <summary>Whether blocks ran that had not run before.</summary>
    public bool TakeNews()
    {
        bool news = false;
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (_hits[_blocks[i]] != 0 && !_seen[i])
            {
                _seen[i] = true;
                news = true;
            }
        }

        return news;
    }
}
