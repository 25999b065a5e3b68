namespace RdmaCollectives.Memory;

/// <summary>How a peer gets at a shared segment. The numbers travel.</summary>
internal enum SegmentKind : byte
{
    /// <summary>A memfd, opened as <c>/proc/PID/fd/N</c>: no name that could be left behind or guessed, no limit of a mount, and seals.</summary>
    Memfd = 0,

    /// <summary>A file in /dev/shm with an unguessable name, which is removed once both ends are ready: where there is no memfd or no /proc.</summary>
    Named = 1,
}
