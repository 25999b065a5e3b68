using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>Files in /dev/shm: the way to share memory where there is no memfd or no /proc.</summary>
internal static class NamedSegment
{
    public const string DefaultDirectory = "/dev/shm";

    private const string Prefix = "rdmacc-";
    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>A path that nobody can guess: 128 random bits.</summary>
    public static string NewPath(string directory = DefaultDirectory) => $"{directory}/{Prefix}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    /// <summary>Whether a peer may ask us to open this path: one of our own names, with nothing that leads elsewhere.</summary>
    public static bool IsName(string path)
    {
        string name = Path.GetFileName(path);
        return path.StartsWith('/') && name.StartsWith(Prefix, StringComparison.Ordinal) && !path.Contains("/../", StringComparison.Ordinal);
    }

    /// <summary>
    /// Makes the file, at its full size and with its memory allocated: a file system that is too small is an error here, not a SIGBUS at some later touch.
    /// </summary>
    /// <exception cref="CollectiveException">The system refused; the message says what was needed, what was there, and the remedy.</exception>
    public static SafeFileHandle Create(string path, long byteCount)
    {
        int descriptor = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, OwnerOnly);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw Refused(path, byteCount, error);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        int allocateError = Libc.posix_fallocate(descriptor, 0, byteCount);
        if (allocateError != 0)
        {
            CollectiveException exception = Refused(path, byteCount, allocateError);
            file.Dispose();
            Libc.unlink(path);
            throw exception;
        }

        return file;
    }

    /// <summary>Looks whether so much is free: what is taken by somebody else in the meantime shows when it is allocated.</summary>
    /// <exception cref="CollectiveException">It is not.</exception>
    public static void RequireRoom(long byteCount, string directory = DefaultDirectory)
    {
        if (FreeBytes(directory) < byteCount)
        {
            throw Refused($"{directory}/", byteCount, Libc.ENOSPC);
        }
    }

    private static CollectiveException Refused(string path, long byteCount, int error)
    {
        string directory = Path.GetDirectoryName(path)!;
        string free = FreeBytes(directory) is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes are free there" : "it can't be examined";
        string remedy = error == Libc.ENOSPC
            ? $"Enlarge it (container: --shm-size; host: mount -o remount,size=... {directory}), or lower RDMACC_CHUNK_BYTES, RDMACC_SLOTS or RDMACC_CHANNELS"
            : "Make it a tmpfs that this user can write to";
        return new CollectiveException(
            Error.Resource,
            $"{byteCount} bytes of shared memory can't be had in {directory}: {Marshal.GetPInvokeErrorMessage(error)}; {free}. {remedy}, or leave shm out of RDMACC_TRANSPORTS.",
            nativeError: error);
    }

    private static long? FreeBytes(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
