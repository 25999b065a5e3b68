namespace RdmaCollectives.Bootstrap;

/// <summary>
/// What a control plane tells whoever agrees on the successor of its communicator. All come on the control thread (in process: on any rank's), in the order in which things happened; none may block. A fault of the
/// communicator stops none of them.
/// </summary>
internal interface IMembershipEvents
{
    /// <summary>A message of another member. The payload is not written any more.</summary>
    void MessageCame(int from, ReadOnlyMemory<byte> message);

    /// <summary>A member is proven dead, or has left this communicator: all that it sent has come before.</summary>
    void MemberGone(int member);

    /// <summary>Contact with a member was lost; it may live.</summary>
    void MemberSuspected(int member);

    /// <summary>Nothing can be exchanged any more.</summary>
    void LinkEnded(string reason);
}
