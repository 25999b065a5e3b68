using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// What joins the ranks of one communicator beside the data: set-up goes over it, and it lives on to carry faults. Over sockets between processes (<c>RendezvousLink</c>) and by calls inside one (<c>LocalLink</c>).
/// All waits end by their deadline or at the first fault, whichever is first.
/// </summary>
internal interface IControlPlane : IDisposable
{
    int Rank { get; }

    int WorldSize { get; }

    /// <summary>The number of this communicator, which no other one of the job has; 0 for the one of all ranks. The same on all its ranks.</summary>
    ulong Scope { get; }

    /// <summary>The clock of this process, and where its threads wait.</summary>
    Pace Pace { get; }

    /// <summary>The fault flag that news from other ranks (a death, a mismatch, an abort) is set in. Whoever sleeps is woken through <see cref="FaultArrived"/>.</summary>
    FaultState Faults { get; }

    /// <summary>Called once, on the control thread, right after a fault from elsewhere was set: wakes this rank's sleepers. Must not block.</summary>
    Action? FaultArrived { get; set; }

    /// <summary>Called on the control thread when something else came that a caller may wait for: an answer, or what a rank says of a fault. Wakes this rank's sleepers. Must not block.</summary>
    Action? NewsArrived { get; set; }

    /// <summary>Asked on the control thread for other ranks, and at a fault: what this rank does, and the call that it made under a sequence. Must not block.</summary>
    Func<ulong, RankStatus>? StatusOf { get; set; }

    /// <summary>Called on the control thread with what another rank sent by <see cref="SendPathMessage"/>. Must not block.</summary>
    Action<int, ReadOnlyMemory<byte>>? PathMessageCame { get; set; }

    /// <summary>Sends a message about the paths between this rank and another to the same of that rank, in order with the others. Does not wait; what it is lost with is the peer.</summary>
    void SendPathMessage(int peer, ReadOnlyMemory<byte> message);

    /// <summary>Every rank gives a blob (at most 64 KiB) and gets those of all, by rank. All ranks call it in the same order.</summary>
    /// <exception cref="CommunicatorFaultException">A fault came first.</exception>
    /// <exception cref="RendezvousException">The deadline passed; names the ranks that are missing.</exception>
    byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout);

    /// <summary>Sends a blob to one rank, which takes it by <paramref name="key"/>. Does not wait for it.</summary>
    void SendToPeer(int peer, ulong key, ReadOnlySpan<byte> blob);

    /// <summary>Waits for the blob that <paramref name="peer"/> sent under <paramref name="key"/>.</summary>
    byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout);

    /// <summary>Sets the fault here unless there is one, and tells all other ranks. Does not wait for them.</summary>
    void Report(Fault fault);

    /// <summary>What all ranks throw, once there is a fault and the ranks have told each other what they know of it, or have had the time to; before that null. Does not wait.</summary>
    Fault? TryGetVerdict();

    /// <summary>Asks <paramref name="peer"/> what it does, and which call it made under <paramref name="sequence"/>. Does not wait. The result names the question; 0 where nobody can answer.</summary>
    ulong Ask(int peer, ulong sequence);

    /// <summary>The answer to a question, once: false while it has not come. Null where the peer has nothing to say.</summary>
    bool TryTakeAnswer(ulong question, out RankStatus? status);

    /// <summary>The answer is not awaited any more.</summary>
    void Forget(ulong question);

    /// <summary>How far the clock of <paramref name="peer"/> is ahead of ours, by some questions; null when it does not answer within <paramref name="timeout"/>. In any state, also after a fault.</summary>
    ClockOffset? MeasureClock(int peer, TimeSpan timeout);

    /// <summary>Whether <paramref name="peer"/> has said goodbye. What it sent before may still be on its way.</summary>
    bool HasLeft(int peer);

    /// <summary>
    /// Makes control planes of groups of ranks: those that name the same <paramref name="color"/>, ordered by <paramref name="key"/>, then by rank. All ranks call it in the same order; a negative color gets
    /// null. The result shares the link of the process and nothing else; until <see cref="StandAlone"/> a fault of this plane is its fault too.
    /// </summary>
    /// <exception cref="CommunicatorFaultException">A fault came first, or the deadline passed, which is one.</exception>
    IControlPlane? Split(int color, int key, TimeSpan timeout);

    /// <summary>This rank's communicator is complete: from now on a fault of the one that it was split from is none of it.</summary>
    void StandAlone();

    /// <summary>Says goodbye, so that peers see <i>left</i>, not <i>died</i>. Later faults are not told to this rank.</summary>
    void Leave();

    // ---- The successor of this communicator: works in any state, also after a fault ----

    /// <summary>Who is told of members that are gone and of what the others send by <see cref="SendMembership"/>: from now on, and of what came before. Once.</summary>
    void Listen(IMembershipEvents listener);

    /// <summary>Sends one message to the same of another member. Does not wait for it.</summary>
    void SendMembership(int peer, ReadOnlyMemory<byte> message);

    /// <summary>A scope that no other communicator of the job has or will have.</summary>
    ulong NextScope();

    /// <summary>From now on frames may come for a successor that is not open yet: they are kept until <see cref="EndSuccession"/>.</summary>
    void BeginSuccession();

    void EndSuccession();

    /// <summary>The number that a member of this communicator has in the job.</summary>
    int JobRankOf(int member);

    /// <summary>The plane of a communicator of these ranks of the job over the same link; a fault of this one is none of it.</summary>
    IControlPlane Succeed(ulong scope, int[] jobRanks);

    /// <summary>Waits until so many processes that have come after the start wait to be taken in, or for the time. Returns those that do, by their number in the job.</summary>
    IReadOnlyList<int> AwaitNewcomers(int atLeast, TimeSpan timeout);

    /// <summary>Tells one of them into which communicator it is taken.</summary>
    void Invite(int newcomer, ReadOnlyMemory<byte> invitation);

    /// <summary>They wait no more.</summary>
    void TakeIn(IReadOnlyList<int> newcomers);
}
