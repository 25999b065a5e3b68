using System.Globalization;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Execution;

/// <summary>The faults that calls are which do not go together, in words.</summary>
internal static class MismatchFaults
{
    private const string Remedy = "All ranks must make the same calls with the same arguments in the same order.";

    /// <summary>Two ranks made different calls in the same place.</summary>
    public static Fault OfCalls(int rank, in CallDescription call, int peer, in CallDescription theirs) =>
        Fault(rank, call, peer, theirs, $"rank {peer} {InWords(call, theirs)}");

    /// <summary>A message came that is not the one that this rank's call expects.</summary>
    /// <param name="rank">This rank.</param>
    /// <param name="call">Its call.</param>
    /// <param name="peer">The sender.</param>
    /// <param name="theirs">The sender's call, where it could be asked.</param>
    /// <param name="sent">What the message was, in words.</param>
    public static Fault OfMessage(int rank, in CallDescription call, int peer, CallDescription? theirs, string sent)
    {
        string words = theirs is not { } known ? $"rank {peer} sent {sent}"
            : !known.IsTransfer && known.Sequence == call.Sequence && known.Hash() == call.Hash() ? $"rank {peer} is in it too, and sent {sent}: the counts that the two gave for each other differ"
            : $"rank {peer} {InWords(call, known)}";
        return Fault(rank, call, peer, theirs, words);
    }

    /// <summary>Ranks that wait for each other.</summary>
    /// <param name="rank">This rank, which may be in the circle or wait for one that is.</param>
    /// <param name="call">Its call.</param>
    /// <param name="circle">The ranks; each waits for the next, the last for the first.</param>
    /// <param name="statuses">Of these ranks.</param>
    public static Fault OfCircle(int rank, in CallDescription call, List<int> circle, IReadOnlyDictionary<int, RankStatus> statuses)
    {
        int place = circle.IndexOf(rank);
        int peer = circle[(place + 1) % circle.Count];
        IEnumerable<string> links = circle.Take(8).Select((one, index) => string.Create(CultureInfo.InvariantCulture, $"rank {one} is in {statuses[one].Call} and waits for rank {circle[(index + 1) % circle.Count]}"));
        string more = circle.Count > 8 ? string.Create(CultureInfo.InvariantCulture, $"; and so on over {circle.Count} ranks") : "";
        return new Fault
        {
            Error = Error.Mismatch,
            Reporter = rank,
            Peer = peer,
            Call = call,
            PeerCall = statuses[peer].Call,
            Message = $"Calls do not go together: ranks wait for each other in a circle. R{string.Join("; ", links)[1..]}{more}. {Remedy} A group, or SendReceive, sends and receives at once.",
        };
    }

    // Calls may differ in what their words leave out.
    private static string InWords(in CallDescription call, in CallDescription theirs) =>
        !string.Equals(call.Words, theirs.Words, StringComparison.Ordinal) || call.Sequence != theirs.Sequence ? $"{(theirs.IsTransfer ? "made" : "is in")} {theirs}"
        : call.CountsHash != theirs.CountsHash ? "is in it with other counts by rank"
        : call.UserTypeHash != theirs.UserTypeHash || call.ElementSize != theirs.ElementSize ? "is in it with another type or reducer of the user's"
        : "is in it with another algorithm, or another schedule of the same name";

    private static Fault Fault(int rank, in CallDescription call, int peer, CallDescription? theirs, string words) => new()
    {
        Error = Error.Mismatch,
        Reporter = rank,
        Peer = peer,
        Call = call,
        PeerCall = theirs,
        Message = $"Calls do not go together: rank {rank} is in {call}, {words}. {Remedy}",
    };
}
