using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>What is said of a process that was lost.</summary>
internal static class LossWords
{
    /// <summary>A proven death. <paramref name="how"/> completes "Rank 3 (process 77 on node-a) died: ...".</summary>
    public static string Died(MemberIdentity who, string how) => $"{Capitalized(who)} died: {how}. Its own output says more. Start the job again.";

    /// <summary>A suspicion: it may live.</summary>
    public static string Unreachable(MemberIdentity who, string how) => $"{Capitalized(who)} can't be reached any more: {how}. It may still run: look at its host, and at the network between.";

    public static Fault Death(MemberIdentity who, string how) => new()
    {
        Error = Error.PeerDied,
        Reporter = -1, // the control plane itself
        Peer = who.Rank,
        IsProven = true,
        Message = Died(who, how),
    };

    public static Fault Suspicion(MemberIdentity who, string how) => new()
    {
        Error = Error.PeerDied,
        Reporter = -1, // the control plane itself
        Peer = who.Rank,
        Message = Unreachable(who, how),
    };

    private static string Capitalized(MemberIdentity who) => $"R{who.ToString()[1..]}";
}
