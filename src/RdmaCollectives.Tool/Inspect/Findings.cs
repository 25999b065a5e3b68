namespace RdmaCollectives.Tool.Inspect;

/// <summary>What is wrong with the calls of a communicator, the plainest first: a fault, calls that differ, a rank that is not there; then who is late, and which link is slow.</summary>
internal static class Findings
{
    /// <summary>Entries never come at one moment: below this nobody is called late.</summary>
    private const long LeastLateness = 1_000_000;

    /// <summary>A rank is late in a call where that stands out from the other calls by this much.</summary>
    private const int TimesMedian = 10;

    private const int MostLateCalls = 3;

    public static IReadOnlyList<Finding> Of(CommunicatorDumps dumps) =>
    [
        .. Faults(dumps), .. Missing(dumps), .. Mismatches(dumps), .. NeverEntered(dumps), .. Late(dumps), .. OftenLate.Of(dumps), .. SlowLink.Of(dumps), .. Clocks(dumps),
    ];

    private static IEnumerable<Finding> Faults(CommunicatorDumps dumps) =>
        dumps.Dumps.Where(dump => dump.Fault is not null).GroupBy(dump => dump.Fault!.Message, StringComparer.Ordinal).Select(group => new Finding(
            "fault", $"The communicator is at fault ({group.First().Fault!.Error}): {group.Key.TrimEnd('.')}. So say the dumps of {Words.Ranks(group.Select(dump => dump.Rank))}.")
        {
            Ranks = [.. group.First().Fault!.Peer is >= 0 and var peer ? [peer] : (int[])[]],
        });

    private static IEnumerable<Finding> Missing(CommunicatorDumps dumps)
    {
        int[] missing = [.. dumps.Missing];
        if (missing.Length > 0)
        {
            yield return new Finding("missing", $"There is no dump of {Words.Ranks(missing)}: {(missing.Length == 1 ? "it" : "they")} died, stood still, or the file was not named here; what follows is about the others.") { Ranks = missing };
        }
    }

    // The first one: what comes after it follows from it.
    private static IEnumerable<Finding> Mismatches(CommunicatorDumps dumps)
    {
        if (dumps.Calls.FirstOrDefault(call => call.IsMismatch) is { } call)
        {
            IEnumerable<string> sides = call.Ranks.GroupBy(rank => rank.Call.Hash, StringComparer.Ordinal)
                .Select(side => $"{Words.Ranks(side.Select(rank => rank.Rank))} made {side.First().Call.Call}{By(side.First().Call)}");
            yield return new Finding("mismatch", $"The calls under #{call.Sequence} do not go together: {string.Join("; ", sides)}.") { Sequence = call.Sequence, Ranks = [.. call.Ranks.Select(rank => rank.Rank)] };
        }
    }

    private static string By(DumpCall call) => call.Algorithm is { } algorithm ? $" (by {algorithm})" : "";

    // A call that some are in and others have not come to. Dumps are not written at one moment, so what counts is how things stood at the earliest of them.
    private static IEnumerable<Finding> NeverEntered(CommunicatorDumps dumps)
    {
        long now = dumps.Dumps.Min(dump => dumps.Time.Common(dump.Rank, dump.Clock.NowNs));
        long threshold = LeastLate(dumps);
        foreach (Dump dump in dumps.Dumps)
        {
            DumpCall? last = dump.Operations.LastOrDefault(call => dumps.Time.Common(dump.Rank, call.EnteredNs) <= now);
            SharedCall? next = dumps.Calls.FirstOrDefault(call => call.Sequence > (last?.Sequence ?? 0) && call.Ranks.Any(rank => rank.Entered <= now && (rank.Until > now || rank.Call.Outcome != "completed")));
            if (next is null || next.IsMismatch || now - next.First.Entered < threshold)
            {
                continue;
            }

            int[] inside = [.. next.Ranks.Where(rank => rank.Entered <= now).Select(rank => rank.Rank)];
            yield return new Finding("never-entered", $"Rank {dump.Rank} never entered {next.Name}; {Words.Ranks(inside)} did, the first {Words.Time(now - next.First.Entered)} before the dump. {Doing(last, now, dump, dumps.Time)}")
            {
                Ranks = [dump.Rank],
                Sequence = next.Sequence,
                Nanoseconds = now - next.First.Entered,
            };
        }
    }

    private static string Doing(DumpCall? last, long now, Dump dump, Timebase time)
    {
        if (last is null)
        {
            return $"Rank {dump.Rank} had made no call.";
        }

        long since = now - time.Common(dump.Rank, last.EndedNs ?? last.EnteredNs);
        return last.EndedNs is not null && since >= 0
            ? $"Its last call, {last.Call}, had ended {Words.Time(since)} before: the program was busy with something else."
            : $"It was in {last.Call}, for {Words.Time(now - time.Common(dump.Rank, last.EnteredNs))}{Awaiting(last)}.";
    }

    private static string Awaiting(DumpCall call) => call.AwaitedRank is { } awaited ? $", waiting for rank {awaited}" : "";

    private static IEnumerable<Finding> Late(CommunicatorDumps dumps)
    {
        SharedCall[] calls = [.. dumps.Common.Where(call => call.Ranks.Count > 1 && !call.IsMismatch).OrderByDescending(call => call.Spread)];
        if (calls.Length == 0)
        {
            return [];
        }

        long threshold = LeastLate(dumps);
        return calls.TakeWhile(call => call.Spread >= threshold).Take(MostLateCalls).Select(call => new Finding(
            "late", $"Rank {call.Last.Rank} entered {call.Name} {Words.Time(call.Spread)} after the first ({Words.Ranks([call.First.Rank])}); the others waited.")
        {
            Ranks = [call.Last.Rank],
            Sequence = call.Sequence,
            Nanoseconds = call.Spread,
        });
    }

    // What stands out: from the other calls, from what is usual between processes, and from the error of the clocks.
    private static long LeastLate(CommunicatorDumps dumps)
    {
        long[] spreads = [.. dumps.Common.Where(call => call.Ranks.Count > 1).Select(call => call.Spread).Order()];
        long usual = spreads.Length < 5 ? 0 : spreads[spreads.Length / 2];
        return Math.Max(Math.Max(LeastLateness, TimesMedian * usual), 2 * dumps.Time.UncertaintyNs);
    }

    private static IEnumerable<Finding> Clocks(CommunicatorDumps dumps)
    {
        if (dumps.Time.ByWallClock.Count > 0)
        {
            yield return new Finding("clocks", $"The clock of {Words.Ranks(dumps.Time.ByWallClock)} was compared with no other: their times are as right as the wall clocks of their hosts.") { Ranks = dumps.Time.ByWallClock };
        }
    }
}
