namespace RdmaCollectives.Peers;

/// <summary>What is going to be run, and about how long that takes.</summary>
/// <param name="Cases">In this order.</param>
/// <param name="Runs">Of programs, all together.</param>
/// <param name="Duration">On a machine that does nothing else.</param>
internal sealed record RunPlan(IReadOnlyList<Case> Cases, int Runs, TimeSpan Duration)
{
    /// <summary>Starting ranks and ending them.</summary>
    private const double SecondsPerRun = 1;

    /// <param name="settings">How often, and which cases.</param>
    /// <param name="peers">Of a case.</param>
    /// <param name="others">Ours and the roof.</param>
    public static RunPlan Make(Settings settings, Func<Case, IReadOnlyList<Peer>> peers, Func<Case, IReadOnlyList<Contender>> others)
    {
        Case[] cases = [.. settings.Transports.SelectMany(transport => settings.Ranks.SelectMany(ranks => settings.Collectives.Select(collective => new Case(transport, ranks, collective))))];
        Contender[] runs = [.. cases.SelectMany(one => RunsOf(peers(one), others(one), settings))];
        return new RunPlan(cases, runs.Length, TimeSpan.FromSeconds(runs.Sum(run => SecondsPerRun + (settings.Sizes.Count * run.SecondsPerSize))));
    }

    public override string ToString() => $"{Text.Count(Cases.Count, "comparison")}, {Text.Count(Runs, "run")}: about {Text.Duration(Duration)} on a machine that does nothing else.";

    private static IEnumerable<Contender> RunsOf(IReadOnlyList<Peer> peers, IReadOnlyList<Contender> others, Settings settings) =>
    [
        .. Enumerable.Repeat(peers.SelectMany(peer => peer.Settings), settings.Trials).SelectMany(all => all),
        .. Enumerable.Repeat(peers.Select(peer => peer.Settings[0]).Concat(others), settings.Rounds).SelectMany(all => all),
    ];
}
