namespace RdmaCollectives;

/// <summary>A hash of the names of a user's element type and reducer, so that ranks with different ones notice. Names, not tokens: they are the same in every process.</summary>
internal static class TypeNames<T, TReducer>
{
    public static readonly uint Hash = Compute($"{typeof(T).FullName}|{typeof(TReducer).FullName}");

    private static uint Compute(string name)
    {
        uint hash = 2166136261; // FNV-1a
        foreach (char c in name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }
}
