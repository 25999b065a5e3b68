namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>Ranks in a circle: behind rank n-1 comes rank 0. Distances are 0..n.</summary>
internal static class Cyclic
{
    /// <summary>The rank <paramref name="distance"/> places on.</summary>
    public static int Ahead(int rank, int distance, int n) => rank + distance < n ? rank + distance : rank + distance - n;

    /// <summary>The rank <paramref name="distance"/> places back.</summary>
    public static int Behind(int rank, int distance, int n) => rank >= distance ? rank - distance : rank - distance + n;
}
