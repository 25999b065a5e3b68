namespace RdmaCollectives.Verbs;

/// <summary>
/// Chooses the GID that a queue pair should use, and says why. On Ethernet: RoCE v2 with an IPv4 address, then RoCE v2 with a global IPv6 address,
/// then RoCE v1; link-local and loopback addresses only when there is nothing else, empty entries never. On InfiniBand: the port's own GID.
/// </summary>
public static class GidChooser
{
    // From best to worst; the text completes "chosen: ..." and "not chosen: ...".
    private static readonly (string Text, Func<GidEntry, bool> Matches)[] Classes =
    [
        ("RoCE v2 with an IPv4 address: routable, and reachable wherever the IP network is", e => e.Type == GidType.RoceV2 && e.Gid.IsIPv4 && IsRoutable(e.Gid)),
        ("RoCE v2 with a global IPv6 address: routable", e => e.Type == GidType.RoceV2 && IsRoutable(e.Gid)),
        ("RoCE v1: works inside one broadcast domain only", e => e.Type == GidType.RoceV1 && IsRoutable(e.Gid)),
        ("RoCE v2 with a link-local address: works on one link only", e => e.Type == GidType.RoceV2 && !e.Gid.IsLoopback),
        ("RoCE v1 with a link-local address: works on one link only", e => e.Type == GidType.RoceV1 && !e.Gid.IsLoopback),
        ("a loopback address: works inside this host only", e => e.Type is GidType.RoceV2 or GidType.RoceV1),
    ];

    /// <summary>Looks at all <paramref name="entries"/> of one port and chooses.</summary>
    /// <param name="entries">The port's GID table; empty entries may be among them.</param>
    /// <param name="linkLayer">The port's link.</param>
    public static GidChoice Choose(IReadOnlyList<GidEntry> entries, LinkLayer linkLayer)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return linkLayer == LinkLayer.Ethernet ? ChooseOnEthernet(entries) : ChooseOnInfiniBand(entries);
    }

    private static GidChoice ChooseOnEthernet(IReadOnlyList<GidEntry> entries)
    {
        int best = -1, bestClass = Classes.Length;
        for (int i = 0; i < entries.Count; i++)
        {
            int rank = ClassOf(entries[i]);
            if (rank < bestClass || (rank == bestClass && best >= 0 && entries[i].Index < entries[best].Index))
                (best, bestClass) = (i, rank);
        }

        GidVerdict[] verdicts = [.. entries.Select((entry, i) => new GidVerdict(entry, i == best, Explain(entry, i == best, bestClass)))];
        return best < 0
            ? new GidChoice(null, $"none of {entries.Count} entries holds a RoCE address: give the network interface of this port an IP address (ip addr add ...).", verdicts)
            : new GidChoice(entries[best], $"{entries[best]}: {Classes[bestClass].Text}.", verdicts);
    }

    /// <summary>Index 0 is the port's GUID under the subnet's prefix, by the specification; packets inside the subnet are routed by LID and need none.</summary>
    private static GidChoice ChooseOnInfiniBand(IReadOnlyList<GidEntry> entries)
    {
        int best = -1;
        for (int i = 0; i < entries.Count; i++)
        {
            if (!entries[i].Gid.IsEmpty && (best < 0 || entries[i].Index < entries[best].Index))
                best = i;
        }
        GidVerdict[] verdicts = [.. entries.Select((entry, i) => new GidVerdict(entry, i == best,
            i == best ? "the port's own GID" : entry.Gid.IsEmpty ? "empty" : "an alias of the port"))];
        return best < 0
            ? new GidChoice(null, "the GID table is empty: is the subnet manager running?", verdicts)
            : new GidChoice(entries[best], $"{entries[best]}: the port's own GID; inside the subnet packets travel by LID and need no GID.", verdicts);
    }

    private static string Explain(GidEntry entry, bool isChosen, int bestClass)
    {
        int rank = ClassOf(entry);
        if (isChosen)
            return Classes[rank].Text;
        if (entry.Gid.IsEmpty)
            return "empty";
        if (rank == Classes.Length)
            return "neither RoCE v1 nor v2";
        return rank == bestClass ? "as good as the chosen one, with a higher index" : $"ranks lower: {Classes[rank].Text}";
    }

    private static int ClassOf(GidEntry entry)
    {
        if (entry.Gid.IsEmpty)
            return Classes.Length;
        int rank = Array.FindIndex(Classes, c => c.Matches(entry));
        return rank < 0 ? Classes.Length : rank;
    }

    private static bool IsRoutable(Gid gid) => !gid.IsLinkLocal && !gid.IsLoopback;
}
