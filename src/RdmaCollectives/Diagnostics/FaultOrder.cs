namespace RdmaCollectives.Diagnostics;

/// <summary>
/// Which of several faults is the one that is told. Ranks notice one event in different ways (a death is a broken connection to some, a passed deadline to others), and all have to throw the same: the least
/// by this order, which knows nothing of where it is asked.
/// </summary>
internal sealed class FaultOrder : IComparer<Fault>
{
    public static FaultOrder Instance { get; } = new();

    /// <summary>Less is nearer to the cause.</summary>
    public static int ClassOf(Fault fault) => fault.Error switch
    {
        Error.PeerDied => fault.IsProven ? 0 : 1,
        Error.Mismatch => 2,
        Error.PeerLeft => 3,
        Error.Reducer => 4,
        Error.Transport => 6,
        Error.ControlPlane => 7,
        _ => 5, // a deadline, a cancelled token, an abort, a resource
    };

    public int Compare(Fault? x, Fault? y)
    {
        if (ReferenceEquals(x, y))
        {
            return 0;
        }

        if (x is null || y is null)
        {
            return x is null ? 1 : -1;
        }

        int order = ClassOf(x).CompareTo(ClassOf(y));
        order = order != 0 ? order : x.Peer.CompareTo(y.Peer);
        order = order != 0 ? order : x.Reporter.CompareTo(y.Reporter);
        order = order != 0 ? order : x.When.CompareTo(y.When);
        return order != 0 ? order : string.CompareOrdinal(x.Message, y.Message);
    }
}
