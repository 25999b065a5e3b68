using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>
/// Memory that other processes of this host can map. Its creator keeps the descriptor open for as long as peers may come to open it; who opens it needs only the mapping.
/// A memfd is sealed against shrinking, so that no peer can make an access to it a SIGBUS, and, unless peers are to write, against writable mappings of anybody else.
/// Pages are zero, and take up memory from their first touch on (named segments: at once).
/// </summary>
internal sealed unsafe class SharedSegment : IDisposable
{
    private const int SizeSeals = Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW;

    private readonly MappedMemory _mapping;
    private readonly SafeFileHandle? _file;
    private string? _path;

    private SharedSegment(MappedMemory mapping, SafeFileHandle? file, SegmentAddress address)
    {
        _mapping = mapping;
        _file = file;
        _path = address.Path;
        Location = address;
        Address = mapping.Address;
    }

    /// <summary>Where it begins in this process: page-aligned.</summary>
    public byte* Address { get; }

    public long ByteCount => Location.ByteCount;

    /// <summary>Whether this process may write to it.</summary>
    public bool IsWritable { get; private init; } = true;

    /// <summary>The descriptor, -1 in a process that only opened the segment.</summary>
    public int Descriptor => _file is null ? -1 : Location.Descriptor;

    /// <summary>What a peer needs for <see cref="Open"/>.</summary>
    public SegmentAddress Location { get; }

    /// <summary>Whether this process can make memfds and open them through /proc, as its peers would.</summary>
    public static SegmentKind SupportedKind { get; } = Probe();

    /// <summary>Makes a segment and maps it writable.</summary>
    /// <param name="label">Shown in /proc/PID/maps.</param>
    /// <param name="byteCount">At least 1.</param>
    /// <param name="kind">How peers open it.</param>
    /// <param name="peersWrite">Whether peers may map it writable.</param>
    /// <param name="directory">Where named segments lie.</param>
    /// <exception cref="CollectiveException">The system refused.</exception>
    public static SharedSegment Create(string label, long byteCount, SegmentKind kind, bool peersWrite, string directory = NamedSegment.DefaultDirectory)
    {
        string? path = kind == SegmentKind.Named ? NamedSegment.NewPath(directory) : null;
        SafeFileHandle file = path is null ? CreateMemfd(label, byteCount) : NamedSegment.Create(path, byteCount);
        try
        {
            MappedMemory mapping = MappedMemory.Map(file, byteCount, writable: true);
            if (kind == SegmentKind.Memfd)
            {
                Seal(file, peersWrite);
            }

            return new SharedSegment(mapping, file, new SegmentAddress(kind, Environment.ProcessId, (int)file.DangerousGetHandle(), byteCount, path));
        }
        catch
        {
            file.Dispose();
            if (path is not null)
            {
                Libc.unlink(path);
            }

            throw;
        }
    }

    /// <summary>Maps the segment of another process, after checking that it is what it was said to be. The other process may have ended and its number be another's.</summary>
    /// <exception cref="CollectiveException">It is not there, not ours to open, or not what it was said to be.</exception>
    public static SharedSegment Open(in SegmentAddress address, bool writable) => MapFile(address, writable);

    /// <summary>The same for a memfd, writable unless its owner has sealed it against that.</summary>
    /// <exception cref="CollectiveException">It is not there, not ours to open, or not what it was said to be.</exception>
    public static SharedSegment OpenAsSealed(in SegmentAddress address) => MapFile(address, writable: null);

    private static SharedSegment MapFile(in SegmentAddress address, bool? writable)
    {
        string path = address.OpenPath;
        int descriptor = Libc.open(path, (writable is false ? Libc.O_RDONLY : Libc.O_RDWR) | Libc.O_CLOEXEC | Libc.O_NONBLOCK, 0);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"{path} can't be opened: {Marshal.GetPInvokeErrorMessage(error)}. {WhyNot(error)}", nativeError: error);
        }

        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        int seals = address.Kind == SegmentKind.Memfd ? Libc.fcntl(descriptor, Libc.F_GET_SEALS, 0) : SizeSeals;
        if (seals < 0 || (seals & SizeSeals) != SizeSeals)
        {
            throw new CollectiveException(Error.Protocol, $"{path} is not a sealed memfd: it belongs to another process, or to another PID namespace.");
        }

        long actualByteCount = Libc.lseek(descriptor, 0, Libc.SEEK_END);
        if (actualByteCount != address.ByteCount)
        {
            throw new CollectiveException(Error.Protocol, $"{path} has {actualByteCount} bytes, expected were {address.ByteCount}: it belongs to another process, or to another PID namespace.");
        }

        bool isWritable = writable ?? (seals & Libc.F_SEAL_FUTURE_WRITE) == 0;
        return new SharedSegment(MappedMemory.Map(file, actualByteCount, isWritable), file: null, address) { IsWritable = isWritable };
    }

    /// <summary>Removes the name, if it has one: nobody opens it any more. Mappings stay.</summary>
    public void Unlink()
    {
        if (_file is not null && Interlocked.Exchange(ref _path, null) is { } path)
        {
            Libc.unlink(path);
        }
    }

    public void Dispose()
    {
        Unlink();
        _mapping.Dispose();
        _file?.Dispose();
    }

    private static SafeFileHandle CreateMemfd(string label, long byteCount)
    {
        int descriptor = Libc.memfd_create(label, Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"memfd_create failed: {Marshal.GetPInvokeErrorMessage(error)}. Raise the limit on open files (ulimit -n), or leave shm out of RDMACC_TRANSPORTS.", nativeError: error);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Libc.ftruncate(descriptor, byteCount) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw new CollectiveException(Error.Resource, $"A memfd can't be made {byteCount} bytes large: {Marshal.GetPInvokeErrorMessage(error)}. Check ulimit -f and the memory limit of the control group.", nativeError: error);
        }

        return file;
    }

    /// <summary>Our own writable mapping exists already, so F_SEAL_FUTURE_WRITE leaves it as it is and refuses every other (Linux 5.1; where older, peers keep to PROT_READ by themselves).</summary>
    private static void Seal(SafeFileHandle file, bool peersWrite)
    {
        var descriptor = (int)file.DangerousGetHandle();
        if (Libc.fcntl(descriptor, Libc.F_ADD_SEALS, SizeSeals) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"A memfd can't be sealed: {Marshal.GetPInvokeErrorMessage(error)}. Leave shm out of RDMACC_TRANSPORTS.", nativeError: error);
        }

        if (!peersWrite && Libc.fcntl(descriptor, Libc.F_ADD_SEALS, Libc.F_SEAL_FUTURE_WRITE) < 0 && Marshal.GetLastPInvokeError() is var futureWriteError and not Libc.EINVAL)
        {
            throw new CollectiveException(Error.Resource, $"A memfd can't be sealed against writing: {Marshal.GetPInvokeErrorMessage(futureWriteError)}. Leave shm out of RDMACC_TRANSPORTS.", nativeError: futureWriteError);
        }
    }

    private static string WhyNot(int error) => error switch
    {
        Libc.EACCES or Libc.EPERM => "It belongs to another user, or its process may not be looked into (PR_SET_DUMPABLE, a binary with capabilities): run all ranks of a host as one user.",
        Libc.ENOENT => "There is no such process or descriptor here: it ended, or is in another PID namespace or behind another /dev/shm.",
        _ => "Check the limit on open files (ulimit -n).",
    };

    private static SegmentKind Probe()
    {
        try
        {
            using SharedSegment probe = Create("rdmacc-probe", 1, SegmentKind.Memfd, peersWrite: true);
            using SharedSegment opened = Open(probe.Location, writable: true);
            return SegmentKind.Memfd;
        }
        catch (CollectiveException)
        {
            return SegmentKind.Named;
        }
    }
}
