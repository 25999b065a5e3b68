using System.Runtime.InteropServices;

namespace RdmaCollectives.Tool.Doctor.Interop;

/// <summary>memfd_create(2), futex(2), pidfd_open(2) and the calls around them, under their C names.</summary>
internal static partial class Libc
{
    public const uint MFD_CLOEXEC = 0x0001;
    public const uint MFD_ALLOW_SEALING = 0x0002;

    public const int F_ADD_SEALS = 1033;
    public const int F_SEAL_SHRINK = 0x0002;
    public const int F_SEAL_GROW = 0x0004;

    public const nint FUTEX_WAKE = 1;
    public const nint SYS_pidfd_open = 434; // on every architecture

    /// <summary>The number of the futex system call: libc has no function for it.</summary>
    public static nint SYS_futex { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 or Architecture.LoongArch64 or Architecture.RiscV64 => 98,
        _ => -1,
    };

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
