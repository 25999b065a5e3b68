namespace RdmaCollectives.Tool.Inspect;

/// <summary>
/// A slow link: two ranks that wait for each other more than any others do, in most of many calls. Of a rank's wait in a call only what goes beyond the entry of the last rank is counted: before it everybody
/// waits, and for no link. One call that took long for a reason of its own (a rank that stood still in it) proves nothing, however long: calls are counted, and not time alone.
/// </summary>
internal static class SlowLink
{
    private const int LeastCalls = 8;
    private const double LeastShareOfCalls = 0.6;
    private const double LeastShareOfTime = 0.4;
    private const long LeastMean = 20_000;

    public static IEnumerable<Finding> Of(CommunicatorDumps dumps)
    {
        if (dumps.WorldSize < 3)
        {
            yield break; // two ranks have one link, and nothing to compare it with
        }

        Dictionary<(int Low, int High), double>[] calls = [.. dumps.Common.Select(WaitsIn).Where(waits => waits.Count > 0)];
        if (calls.Length < LeastCalls)
        {
            yield break;
        }

        var worst = calls.GroupBy(waits => waits.MaxBy(wait => wait.Value).Key).MaxBy(group => group.Count())!;
        (int low, int high) = worst.Key;
        int count = worst.Count();
        double time = calls.Sum(waits => waits.GetValueOrDefault(worst.Key));
        double all = calls.Sum(waits => waits.Values.Sum());
        if (count >= LeastShareOfCalls * calls.Length && time >= LeastShareOfTime * all && time / calls.Length >= LeastMean)
        {
            yield return new Finding("slow-link",
                $"Ranks {low} and {high} waited for each other longer than any other two in {count} of {calls.Length} calls: {Words.Time((long)time)} in all, {Words.Percent(time / all)} of all waiting beyond the entry of the last rank. The link between them is slow, or one of the two is slow at its work.")
            {
                Ranks = [low, high],
                Nanoseconds = (long)time,
                Calls = count,
            };
        }
    }

    private static Dictionary<(int Low, int High), double> WaitsIn(SharedCall call)
    {
        var waits = new Dictionary<(int, int), double>();
        long last = call.Last.Entered;
        foreach (RankCall rank in call.Ranks)
        {
            long wait = rank.Call.WaitedNs - Math.Max(0, last - rank.Entered);
            if (rank.Call.AwaitedRank is { } other && other != rank.Rank && wait > 0)
            {
                (int, int) pair = (Math.Min(rank.Rank, other), Math.Max(rank.Rank, other));
                waits[pair] = waits.GetValueOrDefault(pair) + wait;
            }
        }

        return waits;
    }
}
