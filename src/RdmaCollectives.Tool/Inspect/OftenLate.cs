namespace RdmaCollectives.Tool.Inspect;

/// <summary>A straggler: the rank that comes last again and again, and alone accounts for most of the waiting.</summary>
internal static class OftenLate
{
    private const int LeastCalls = 8;
    private const double LeastShareOfCalls = 0.6;
    private const double LeastShareOfTime = 0.5;
    private const long LeastMean = 50_000;

    public static IEnumerable<Finding> Of(CommunicatorDumps dumps)
    {
        SharedCall[] calls = [.. dumps.Common.Where(call => call.Ranks.Count > 1 && !call.IsMismatch)];
        if (calls.Length < LeastCalls)
        {
            yield break;
        }

        double all = calls.Sum(call => (double)call.Margin);
        IGrouping<int, SharedCall> late = calls.GroupBy(call => call.Last.Rank).MaxBy(group => group.Sum(call => (double)call.Margin))!;
        int count = late.Count();
        double time = late.Sum(call => (double)call.Margin);
        if (count >= LeastShareOfCalls * calls.Length && time >= LeastShareOfTime * all && time / count >= Math.Max(LeastMean, 2 * dumps.Time.UncertaintyNs))
        {
            yield return new Finding("often-late", $"Rank {late.Key} was the last to enter in {count} of {calls.Length} calls, {Words.Time((long)(time / count))} after the one before it on average: {Words.Time((long)time)} in all.")
            {
                Ranks = [late.Key],
                Nanoseconds = (long)time,
                Calls = count,
            };
        }
    }
}
