using System.Globalization;
using System.Text;

namespace RdmaCollectives.Diagnostics;

/// <summary>Puts a fault and what the ranks said of themselves into words: what every rank throws. A function of its arguments alone, so that all ranks come to the same.</summary>
internal static class Verdict
{
    /// <summary>The fault with what each rank did, and, for a deadline, with who is late.</summary>
    /// <param name="fault">The one that is told.</param>
    /// <param name="statuses">By rank; null for those that did not speak.</param>
    /// <param name="gone">By rank; how it is known to be gone, else null.</param>
    public static Fault Of(Fault fault, RankStatus?[] statuses, RankActivity?[] gone)
    {
        RankState[] states = [.. statuses.Select((status, rank) => StateOf(rank, status, gone[rank]))];
        CallDescription? call = fault.Call ?? statuses.FirstOrDefault(status => status is { IsInCall: true })?.Call;
        int peer = fault.Peer;
        string message = fault.Message;
        if (fault is { Error: Error.Timeout, Call: { } late })
        {
            List<(int Rank, string Words)> whoIsLate = Late(late, fault.Reporter, statuses, gone);
            peer = whoIsLate.Count == 1 ? whoIsLate[0].Rank : peer;
            message = whoIsLate.Count == 0
                ? $"{message} No rank is late: all of them are in it, and a message does not come through. Look at the network, or raise the deadline (RDMACC_TIMEOUT, OperationOptions.Deadline)."
                : $"{message} {Sentences(whoIsLate)} Find out why, or raise the deadline (RDMACC_TIMEOUT, OperationOptions.Deadline).";
        }

        return fault with { Peer = peer, Call = call, Message = $"{message}\n{Summary(states, statuses)}", Ranks = states };
    }

    /// <summary>Seconds as people read them.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(time < TimeSpan.FromSeconds(100) ? Math.Round(time.TotalSeconds, 1) : Math.Round(time.TotalSeconds))} s");

    private static RankState StateOf(int rank, RankStatus? status, RankActivity? gone)
    {
        if (gone is { } how)
        {
            return new RankState { Rank = rank, Activity = how, Doing = how == RankActivity.Dead ? "died" : "has left", LastEntered = status?.LastEntered ?? 0, LastCompleted = status?.LastCompleted ?? 0 };
        }

        if (status is null)
        {
            return new RankState { Rank = rank, Activity = RankActivity.Silent, Doing = $"did not answer within {Inquest.Patience.TotalMilliseconds:0} ms" };
        }

        return new RankState
        {
            Rank = rank,
            Activity = status.IsInCall ? RankActivity.Running : RankActivity.OwnCode,
            Doing = Doing(status),
            LastEntered = status.LastEntered,
            LastCompleted = status.LastCompleted,
        };
    }

    /// <summary>What a rank does: the call with its time and what it waits for, or its own code.</summary>
    public static string Doing(RankStatus status)
    {
        if (!status.IsInCall)
        {
            return InOwnCode(status);
        }

        var text = new StringBuilder($"in {status.Call} for {Seconds(status.For)}");
        int[] awaited = [.. (status.Blockage?.Awaited ?? []).Select(wait => wait.Peer).Distinct().Order()];
        if (awaited.Length > 0)
        {
            text.Append(", waits for ").Append(RankNames.InWords(awaited, isChoice: status.Blockage!.Awaited.GroupBy(wait => wait.Lane).Any(lane => lane.Skip(1).Any())));
        }

        return status.Queued > 0 ? text.Append(CultureInfo.InvariantCulture, $", {status.Queued} queued behind it").ToString() : text.ToString();
    }

    private static string InOwnCode(RankStatus status) =>
        status.Elsewhere is { } other ? $"in {other} of another communicator{Since(status)}"
        : status.Call is null ? "in its own code, and has made no call yet"
        : $"in its own code for {Seconds(status.For)}{Since(status)}";

    private static string Since(RankStatus status) => status.Call is { } last ? $" since {last}" : "";

    // Who has not come to the call; of a transfer, or where everybody has, the ranks that the reporter waits for and that are in another call.
    private static List<(int Rank, string Words)> Late(in CallDescription call, int reporter, RankStatus?[] statuses, RankActivity?[] gone)
    {
        var late = new List<(int Rank, string Words)>();
        AwaitedMessage[] awaited = statuses[reporter]?.Blockage?.Awaited ?? [];
        for (int rank = 0; rank < statuses.Length; rank++)
        {
            RankStatus? status = statuses[rank];
            if (rank == reporter || gone[rank] is not null)
            {
                continue;
            }

            bool isAwaited = Array.Exists(awaited, wait => wait.Peer == rank);
            if (status is null)
            {
                late.Add((rank, "does not answer: it stands still or is out of reach"));
            }
            else if (!call.IsTransfer ? status.LastEntered < call.Sequence : isAwaited && !(status.IsInCall && status.Blockage is null))
            {
                late.Add((rank, $"{(call.IsTransfer ? "has not come to it" : $"never entered {call}")}; it {(status.IsInCall || status.Elsewhere is not null ? "is" : "has been")} {(status.IsInCall ? $"in {status.Call}" : InOwnCode(status))}"));
            }
        }

        return late;
    }

    private static string Sentences(List<(int Rank, string Words)> late)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, (int Rank, string Words)> group in late.GroupBy(one => one.Words, StringComparer.Ordinal).Take(4))
        {
            int[] ranks = [.. group.Select(one => one.Rank)];
            text.Append(text.Length == 0 ? "R" : " R").Append(RankNames.Short(ranks)[1..]).Append(' ').Append(group.Key).Append('.');
        }

        return text.ToString();
    }

    // One line for all ranks: those that do the same are told together.
    private static string Summary(RankState[] states, RankStatus?[] statuses)
    {
        IEnumerable<string> groups = states
            .GroupBy(state => state.Activity == RankActivity.Running ? $"in {statuses[state.Rank]!.Call}" : state.Doing, StringComparer.Ordinal)
            .Select(group => $"{RankNames.Short([.. group.Select(state => state.Rank)])}: {group.Key}");
        string text = string.Join("; ", groups);
        return string.Concat("R", text.Length <= 2000 ? text.AsSpan(1) : string.Concat(text.AsSpan(1, 1999), "..."));
    }
}
