using System.Runtime.InteropServices;

namespace RdmaCollectives.Worker;

/// <summary>A child by fork(2) without an exec: it shares all descriptors, so the sockets of this process stay open when it dies. Whoever asked for it ends it.</summary>
internal static partial class ForkedChild
{
    public static int Start()
    {
        int child = fork();
        while (child == 0)
        {
            _ = sleep(1000); // there is no runtime here any more, only this thread
        }

        return child;
    }

    [LibraryImport("libc")]
    private static partial int fork();

    [LibraryImport("libc")]
    private static partial uint sleep(uint seconds);
}
