namespace RdmaCollectives.Bootstrap;

/// <summary>What a sealed frame of the control plane says. <c>C</c>: a rank to the rendezvous; <c>S</c>: the rendezvous to a rank.</summary>
internal enum FrameKind : byte
{
    /// <summary>S: some of the members, before <see cref="Start"/>.</summary>
    Members = 1,

    /// <summary>S: all ranks are here. Key: 1 when rank 0 hosts the rendezvous.</summary>
    Start = 2,

    /// <summary>S: this rank is not let in, or the ranks were not all there in time; the payload says why.</summary>
    Refused = 3,

    /// <summary>C: who is still missing? The answer is <see cref="Refused"/>.</summary>
    WhoIsMissing = 4,

    /// <summary>C, S: a rank's part of the scope's gathering with the number in Key.</summary>
    Gather = 5,

    /// <summary>C, S: a blob for one peer under Key.</summary>
    PeerBlob = 6,

    /// <summary>C, S: a <see cref="Diagnostics.Fault"/> of the scope. From the rendezvous itself: the death of a rank, a fault of every scope that it belongs to.</summary>
    Fault = 7,

    /// <summary>C, S: which call did you make under this sequence (payload)? Key: the question's number.</summary>
    Question = 8,

    /// <summary>C, S: the call, or nothing. Key: the question's number.</summary>
    Answer = 9,

    /// <summary>C: this rank leaves.</summary>
    Goodbye = 10,

    /// <summary>S: the goodbye was heard; the connection may end.</summary>
    GoodbyeHeard = 11,

    /// <summary>S: another rank left, with all its scopes.</summary>
    Left = 12,

    /// <summary>C: the first frame of every rank: it has the rendezvous' proof and will not try another connection, so it may be counted in.</summary>
    Here = 13,

    /// <summary>C, S: a rank left the scope, and has others.</summary>
    LeftScope = 14,

    /// <summary>C, S: what does your clock say? Key: the question's number.</summary>
    Clock = 40,

    /// <summary>C, S: the time. Key: the question's number.</summary>
    ClockAnswer = 41,

    /// <summary>Between ranks: a newcomer is invited into a communicator; the payload says into which.</summary>
    Invite = 32,
}
