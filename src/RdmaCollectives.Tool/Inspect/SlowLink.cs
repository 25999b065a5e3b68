namespace RdmaCollectives.Tool.Inspect;

/// <summary>
/// A slow link: two ranks that wait for each other more than any others do, over many calls. Of a rank's wait in a call only what goes beyond the entry of the last rank is counted: before it everybody waits,
/// and for no link.
/// </summary>
internal static class SlowLink
{
    private const int LeastCalls = 8;
    private const double LeastShare = 0.4;
    private const double TimesNext = 2;
    private const long LeastMean = 20_000;

    public static IEnumerable<Finding> Of(CommunicatorDumps dumps)
    {
        if (dumps.WorldSize < 3)
        {
            yield break; // two ranks have one link, and nothing to compare it with
        }

        Pair[] pairs = [.. Pairs(dumps.Common).OrderByDescending(pair => pair.Waited)];
        if (pairs.Length == 0)
        {
            yield break;
        }

        Pair worst = pairs[0];
        double all = pairs.Sum(pair => pair.Waited);
        double next = pairs.Length > 1 ? pairs[1].Waited : 0;
        if (worst.Calls >= LeastCalls && worst.Waited >= LeastShare * all && worst.Waited >= TimesNext * next && worst.Waited / worst.Calls >= LeastMean)
        {
            yield return new Finding("slow-link",
                $"Ranks {worst.Low} and {worst.High} waited for each other in {worst.Calls} of {dumps.Common.Count} calls, {Words.Time((long)worst.Waited)} beyond the entry of the last rank: {Words.Percent(worst.Waited / all)} of all such waiting{(pairs.Length > 1 ? $", and {Words.Percent(next / all)} for the next pair, {pairs[1].Low} and {pairs[1].High}" : "")}. The link between them is slow, or one of the two is slow at its work.")
            {
                Ranks = [worst.Low, worst.High],
                Nanoseconds = (long)worst.Waited,
                Calls = worst.Calls,
            };
        }
    }

    private readonly record struct Pair(int Low, int High, double Waited, int Calls);

    private static IEnumerable<Pair> Pairs(IEnumerable<SharedCall> calls) =>
        from call in calls
        let last = call.Last.Entered
        from rank in call.Ranks
        where rank.Call.AwaitedRank is { } other && other != rank.Rank
        let wait = rank.Call.WaitedNs - Math.Max(0, last - rank.Entered)
        where wait > 0
        group (Wait: (double)wait, call.Sequence) by (Low: Math.Min(rank.Rank, rank.Call.AwaitedRank!.Value), High: Math.Max(rank.Rank, rank.Call.AwaitedRank!.Value)) into pair
        select new Pair(pair.Key.Low, pair.Key.High, pair.Sum(wait => wait.Wait), pair.Select(wait => wait.Sequence).Distinct().Count());
}
