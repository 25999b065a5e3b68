using System.Globalization;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The limit on memory that this process may lock, of which every registered page counts.</summary>
public static unsafe class LockedMemory
{
    private const string HowToRaise = "raise it with `ulimit -l unlimited`, `LimitMEMLOCK=infinity` in a systemd unit, or `--ulimit memlock=-1` for a container.";

    /// <summary>The soft limit RLIMIT_MEMLOCK in bytes; null when it is unlimited or unknown. A process with CAP_IPC_LOCK is not bound by it.</summary>
    public static ulong? LimitByteCount
    {
        get
        {
            rlimit limit;
            return libc.getrlimit(libc.RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != libc.RLIM_INFINITY ? limit.rlim_cur : null;
        }
    }

    /// <summary>The remedy for a registration of <paramref name="byteCount"/> bytes that the kernel refused.</summary>
    internal static string Remedy(nuint byteCount)
    {
        string need = $"this registration needs {Format(byteCount)}";
        return LimitByteCount is { } limit
            ? $"The locked-memory limit (RLIMIT_MEMLOCK) is {Format(limit)}, {need} beside what is registered already: {HowToRaise}"
            : $"The locked-memory limit (`ulimit -l`) is unlimited, {need}: check free memory, the device's largest region and number of regions, and that the range is mapped (writable where remote or local writes are allowed).";
    }

    /// <summary>The limit for a failure where it may be the reason: queues of a device lock memory too.</summary>
    internal static string LimitInWords() =>
        LimitByteCount is { } limit ? $"Its queues lock memory too, and the limit (RLIMIT_MEMLOCK) is {Format(limit)}: {HowToRaise}" : "The locked-memory limit (`ulimit -l`) is unlimited.";

    private static string Format(ulong bytes) => bytes switch
    {
        >= 10UL << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30} GiB"),
        >= 10UL << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB"),
        >= 10UL << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };
}
