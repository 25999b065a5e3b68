using System.Runtime.InteropServices;

namespace RdmaCollectives.Memory.Interop;

/// <summary>What shared memory needs of libc, under its C names. -1 with errno on failure unless said otherwise.</summary>
internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 0x2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_ANONYMOUS = 0x20;

    public const int MREMAP_MAYMOVE = 1;
    public const int MREMAP_FIXED = 2;

    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_ALLOW_SEALING = 2;

    public const int F_ADD_SEALS = 1033;
    public const int F_GET_SEALS = 1034;
    public const int F_SEAL_SHRINK = 0x2;
    public const int F_SEAL_GROW = 0x4;
    public const int F_SEAL_FUTURE_WRITE = 0x10;

    public const int SEEK_END = 2;

    public const int RLIMIT_NOFILE = 7;

    public const int FUTEX_WAIT = 0;
    public const int FUTEX_WAKE = 1;

    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EACCES = 13;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;

    private const string Library = "libc";

    /// <summary>The number of the futex system call: libc has no function for it.</summary>
    public static nint SYS_futex { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => throw new PlatformNotSupportedException($"Shared memory is supported on x64 and arm64, not on {RuntimeInformation.ProcessArchitecture}: leave shm out of RDMACC_TRANSPORTS."),
    };

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int fd, int command, int argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long lseek(int fd, long offset, int whence);

    /// <summary>Returns the errno, 0 for success.</summary>
    [LibraryImport(Library)]
    public static partial int posix_fallocate(int fd, long offset, long length);

    /// <summary>Returns (void*)-1 with errno on failure.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(nint address, nuint length);

    /// <summary>With MREMAP_FIXED: what lies at the new address is unmapped, and the old range is there, in one step. Returns (void*)-1 with errno on failure.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint mremap(nint oldAddress, nuint oldLength, nuint newLength, int flags, nint newAddress);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkfifo(string path, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* descriptors, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true, EntryPoint = "syscall")]
    public static partial nint futex(nint number, uint* word, nint operation, nint value, timespec* timeout, nint word2, nint value3);

#pragma warning disable CS8981 // C's own name
    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
#pragma warning restore CS8981
    {
        public long tv_sec;
        public long tv_nsec;
    }
}
