using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

/// <summary>A hash of the names of a user's element type and reducer, so that ranks with different ones notice. Names, not tokens: they are the same in every process.</summary>
internal static class TypeNames<T, TReducer>
{
    public static readonly uint Hash = Compute($"{typeof(T).FullName}|{typeof(TReducer).FullName}");

    private static uint Compute(string name)
    {
        var hash = new Fnv1a();
        hash.Add(name);
        return hash.Value;
    }
}
