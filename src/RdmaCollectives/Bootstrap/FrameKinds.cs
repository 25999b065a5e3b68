namespace RdmaCollectives.Bootstrap;

/// <summary>Which frames are whose.</summary>
internal static class FrameKinds
{
    /// <summary>What ranks say to each other: the rendezvous passes it on and knows nothing of it.</summary>
    public static bool IsBetweenRanks(this FrameKind kind) => Enum.IsDefined(kind) && kind is not
        (FrameKind.Members or FrameKind.Start or FrameKind.Refused or FrameKind.WhoIsMissing or FrameKind.Goodbye or FrameKind.GoodbyeHeard or FrameKind.Left or FrameKind.Here
            or FrameKind.Gone or FrameKind.Newcomer or FrameKind.Admitted);
}
