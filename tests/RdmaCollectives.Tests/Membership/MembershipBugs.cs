using RdmaCollectives.Membership;

namespace RdmaCollectives.Tests.Membership;

/// <summary>Bugs that are planted to see that the simulation finds them: each breaks one rule of ADR 17.</summary>
[Flags]
internal enum MembershipBugs
{
    None = 0,

    /// <summary>One less than a majority is enough.</summary>
    QuorumOffByOne = 1,

    /// <summary>Half is enough without the lowest rank.</summary>
    TieWithoutLowest = 1 << 1,

    /// <summary>A dead rank counts against the others.</summary>
    DeadStayInBase = 1 << 2,

    /// <summary>A new roster although a vote is known.</summary>
    VoteIgnored = 1 << 3,

    /// <summary>Decides without votes.</summary>
    DecidesBeforeVotes = 1 << 4,

    /// <summary>The roster's members hear the decision, the others nothing.</summary>
    ExcludedNotTold = 1 << 5,

    /// <summary>Frames of an old epoch are taken for the new one's.</summary>
    NoEpochCheck = 1 << 6,

    /// <summary>The coordinator gets promise and vote before the others.</summary>
    CoordinatorFirst = 1 << 7,

    /// <summary>A death is told before what the dead one sent was delivered.</summary>
    DeathOvertakes = 1 << 8,

    /// <summary>A death is relayed without what the dead one had promised and voted for.</summary>
    PromisesNotRelayed = 1 << 9,

    /// <summary>A rank that its neighbour merely suspects counts as dead.</summary>
    SuspicionIsProof = 1 << 10,

    /// <summary>A coordinator decides although it knows of a higher promise.</summary>
    HigherPromiseIgnored = 1 << 11,
}

/// <summary>An agreement with bugs.</summary>
internal sealed class BuggyAgreement(int rank, int worldSize, int epoch, Func<ulong> nextScope, TimeSpan step, MembershipBugs bugs)
    : Agreement(rank, worldSize, epoch, nextScope, step, new BuggyRule(bugs))
{
    protected override bool CoordinatorLast => !bugs.HasFlag(MembershipBugs.CoordinatorFirst);

    protected override Roster Choose(Knowledge known, Func<Roster> makeNew) =>
        bugs.HasFlag(MembershipBugs.VoteIgnored) ? makeNew() : base.Choose(known, makeNew);

    protected override bool IsOvertaken(Ballot mine, Ballot highest) =>
        !bugs.HasFlag(MembershipBugs.HigherPromiseIgnored) && base.IsOvertaken(mine, highest);

    protected override bool MayDecide(bool isQuorum, bool haveAll, bool isLate) =>
        bugs.HasFlag(MembershipBugs.DecidesBeforeVotes) || base.MayDecide(isQuorum, haveAll, isLate);

    private sealed class BuggyRule(MembershipBugs bugs) : QuorumRule
    {
        protected override bool IsInBase(Knowledge known, int rank) =>
            bugs.HasFlag(MembershipBugs.DeadStayInBase) || base.IsInBase(known, rank);

        protected override bool IsEnough(int these, int all, bool hasLowest) =>
            bugs.HasFlag(MembershipBugs.QuorumOffByOne) ? 2 * (these + 1) > all
            : bugs.HasFlag(MembershipBugs.TieWithoutLowest) ? 2 * these >= all
            : base.IsEnough(these, all, hasLowest);
    }
}
