using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// What a rank polls when it sleeps on several transports at once; peers write a byte to it. A pipe, because it can be opened by another process in the same two ways as a segment
/// (an eventfd can't). Peers open it for reading as well, so that writing to the pipe of a dead rank is no SIGPIPE.
/// </summary>
internal sealed unsafe class WakePipe : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly SafeFileHandle _reader;
    private readonly SafeFileHandle _writer;
    private string? _path;

    private WakePipe(SafeFileHandle reader, SafeFileHandle writer, SegmentAddress address)
    {
        _reader = reader;
        _writer = writer;
        _path = address.Path;
        Location = address;
    }

    public int ReadDescriptor => (int)_reader.DangerousGetHandle();

    public int WriteDescriptor => (int)_writer.DangerousGetHandle();

    /// <summary>What a peer needs for <see cref="OpenWriter"/>; the byte count is 0.</summary>
    public SegmentAddress Location { get; }

    public static WakePipe Create(SegmentKind kind)
    {
        const int flags = Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        if (kind == SegmentKind.Named)
        {
            string path = NamedSegment.NewPath();
            int descriptor = Libc.mkfifo(path, OwnerOnly) < 0 ? -1 : Libc.open(path, Libc.O_RDWR | flags, 0);
            ThrowIfRefused(descriptor, path);
            var both = new SafeFileHandle(descriptor, ownsHandle: true);
            return new WakePipe(both, both, new SegmentAddress(kind, Environment.ProcessId, descriptor, 0, path));
        }

        int* ends = stackalloc int[2];
        ThrowIfRefused(Libc.pipe2(ends, flags), "A pipe");
        return new WakePipe(new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true), new SegmentAddress(kind, Environment.ProcessId, ends[1], 0, null));
    }

    public static SafeFileHandle OpenWriter(in SegmentAddress address)
    {
        string path = address.OpenPath;
        int descriptor = Libc.open(path, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        ThrowIfRefused(descriptor, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Takes out what woke the sleeper.</summary>
    public void Drain()
    {
        byte* buffer = stackalloc byte[64];
        Libc.read(ReadDescriptor, buffer, 64);
    }

    /// <summary>Removes the name, if it has one.</summary>
    public void Unlink()
    {
        if (Interlocked.Exchange(ref _path, null) is { } path)
        {
            Libc.unlink(path);
        }
    }

    public void Dispose()
    {
        Unlink();
        _reader.Dispose();
        _writer.Dispose();
    }

    private static void ThrowIfRefused(int result, string what)
    {
        if (result < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"{what} can't be opened: {Marshal.GetPInvokeErrorMessage(error)}. Check the limit on open files (ulimit -n) and that all ranks of the host run as one user.", nativeError: error);
        }
    }
}
