namespace RdmaCollectives.Transports.Rdma;

/// <summary>The rails towards one peer as one end sees them, a bit each.</summary>
/// <param name="Up">Those whose port is up.</param>
/// <param name="Suspect">Those that a path of this connection has failed on not long ago.</param>
internal readonly record struct RailSet(uint Up, uint Suspect)
{
    /// <summary>
    /// Where a connection goes on, from what both ends see; both come to the same. Of the rails that are up at both ends its home is the first choice and then those that follow it in a circle, suspects last.
    /// A rail that has just failed is none. Null where nothing is left.
    /// </summary>
    /// <param name="mine">As this end sees them.</param>
    /// <param name="theirs">As the other end sees them.</param>
    /// <param name="count">How many rails both have.</param>
    /// <param name="home">The rail that the connection began on.</param>
    /// <param name="failed">The rail that it failed on, or -1.</param>
    public static int? Choose(in RailSet mine, in RailSet theirs, int count, int home, int failed)
    {
        uint usable = mine.Up & theirs.Up & (failed < 0 ? uint.MaxValue : ~(1u << failed));
        uint trusted = usable & ~(mine.Suspect | theirs.Suspect);
        uint candidates = trusted != 0 ? trusted : usable;
        for (int i = 0; i < count; i++)
        {
            int rail = (home + i) % count;
            if ((candidates >> rail & 1) != 0)
            {
                return rail;
            }
        }

        return null;
    }

    /// <summary>Whether a rail is up and no suspect.</summary>
    public bool Trusts(int rail) => (Up & ~Suspect & (1u << rail)) != 0;

    public override string ToString() => Up == 0 ? "none" : string.Join(", ", Enumerable.Range(0, 32).Where(IsUp));

    private bool IsUp(int rail) => (Up >> rail & 1) != 0;
}
