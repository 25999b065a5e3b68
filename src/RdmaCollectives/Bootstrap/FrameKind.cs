namespace RdmaCollectives.Bootstrap;

/// <summary>
/// What a sealed frame of the control plane says. <c>C</c>: a rank to the rendezvous; <c>S</c>: the rendezvous to a rank. What ranks say to each other goes over the mesh, and through the rendezvous where
/// two of them have no connection.
/// </summary>
internal enum FrameKind : byte
{
    /// <summary>S: some of the members, before <see cref="Start"/>.</summary>
    Members = 1,

    /// <summary>S: all ranks are here. Key: 1 when rank 0 hosts the rendezvous, plus 2 when it is told how processes end; payload: the mesh key.</summary>
    Start = 2,

    /// <summary>S: this rank is not let in, or the ranks were not all there in time; the payload says why.</summary>
    Refused = 3,

    /// <summary>C: who is still missing? The answer is <see cref="Refused"/>.</summary>
    WhoIsMissing = 4,

    /// <summary>C, S: a rank's part of the scope's gathering with the number in Key.</summary>
    Gather = 5,

    /// <summary>C, S: a blob for one peer under Key.</summary>
    PeerBlob = 6,

    /// <summary>Between ranks: a <see cref="Testimony"/> about a fault of the scope.</summary>
    Fault = 7,

    /// <summary>C, S: what do you do, and which call did you make under this sequence (payload)? Key: the question's number.</summary>
    Question = 8,

    /// <summary>C, S: the status of the rank, or nothing. Key: the question's number.</summary>
    Answer = 9,

    /// <summary>C: this rank leaves.</summary>
    Goodbye = 10,

    /// <summary>S: the goodbye was heard; the connection may end.</summary>
    GoodbyeHeard = 11,

    /// <summary>S: another rank left, with all its scopes.</summary>
    Left = 12,

    /// <summary>C: the first frame of every rank: it has the proof of the other end and will not try another connection, so it may be counted in. Payload: <see cref="MemberIdentity.WriteDetails"/>.</summary>
    Here = 13,

    /// <summary>C, S: a rank left the scope, and has others.</summary>
    LeftScope = 14,

    /// <summary>S: the process of the rank in the lower half of Key has gone, the payload says how. Upper half 1: its launcher says so, which is a proof; else only its connection has ended.</summary>
    Gone = 28,

    /// <summary>S: a newcomer was admitted; the payload says who.</summary>
    Newcomer = 29,

    /// <summary>S: to a newcomer in place of <see cref="Start"/>. Key: as there, in the upper half, and the rank that it has from now on; payload: the world size, 4 bytes, and the mesh key.</summary>
    Admitted = 30,

    /// <summary>Between ranks: the one that should have connected could not, so this pair goes through the rendezvous.</summary>
    Relayed = 31,

    /// <summary>Between ranks: a newcomer is invited into a communicator; the payload says into which.</summary>
    Invite = 32,

    /// <summary>Between ranks: the rank in the lower half of Key has left or is lost, the upper half and the payload say how (<see cref="Mesh.PeerState"/>).</summary>
    Lost = 33,

    /// <summary>Between ranks: the sender gives the receiver up, for the reason in the payload, and takes and sends nothing more.</summary>
    GivenUp = 34,

    /// <summary>Between neighbours of the overlay: a frame on its way, in an <see cref="Mesh.Envelope"/>.</summary>
    Routed = 35,

    /// <summary>Between ranks that are no neighbours in the overlay: all envelopes to the sender of this have come up to the number in Key.</summary>
    Received = 36,

    /// <summary>Between ranks: about the paths of a connection of the scope; its transport understands it.</summary>
    Path = 37,

    /// <summary>C, S: what does your clock say? Key: the question's number.</summary>
    Clock = 40,

    /// <summary>C, S: the time. Key: the question's number.</summary>
    ClockAnswer = 41,

    /// <summary>Between ranks: a message of the agreement on the successor of the scope's communicator. Not stopped by a fault.</summary>
    Membership = 42,
}
