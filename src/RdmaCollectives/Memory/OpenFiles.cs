using System.Globalization;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>
/// The limit on open files, which sockets and shared segments count against. Looked at before connections are made: where it is reached half-way the runtime cannot even load what the error message needs.
/// </summary>
internal static unsafe class OpenFiles
{
    /// <summary>What the runtime opens meanwhile, such as the assemblies that are not loaded yet.</summary>
    private const int Reserve = 12;

    /// <exception cref="CollectiveException">So many more are too many.</exception>
    public static void Require(int rank, int more)
    {
        ulong* limits = stackalloc ulong[2];
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, limits) != 0 || CountOpen() is not { } open || (ulong)(open + more + Reserve) <= limits[0])
        {
            return;
        }

        throw new CollectiveException(
            Error.Resource,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Rank {rank} needs {more} open files for its connections, has {open} open, and the limit is {limits[0]}. Raise it (ulimit -n {open + more + Reserve}; in a service LimitNOFILE=), or lower RDMACC_CHANNELS."),
            rank);
    }

    private static int? CountOpen()
    {
        try
        {
            return Directory.GetFiles("/proc/self/fd").Length - 1; // the directory itself
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
