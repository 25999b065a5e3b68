using RdmaCollectives.Memory;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>The transports in use.</summary>
    internal IReadOnlyList<Transport> TransportsInUse => _transports;

    /// <summary>Makes a buffer that every transport of this communicator knows: it is sent without a copy, and ranks of the same host read it where it lies and store results there. Local; zero at first.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="count">The number of elements, 0 included.</param>
    /// <returns>The buffer; dispose it when it is no longer needed. It may outlive the communicator.</returns>
    /// <exception cref="CollectiveException">There is too little memory, locked memory or /dev/shm; the message names limit and need.</exception>
    public RegisteredBuffer<T> Allocate<T>(int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        long byteCount = Math.Max(1, (long)count * sizeof(T));
        MemoryRegistration registration;
        IDisposable memory;
        if (SharedSegment.SupportedKind == SegmentKind.Memfd)
        {
            var segment = SharedSegment.Create("rdmacc-buffer", byteCount, SegmentKind.Memfd, peersWrite: Array.Exists(_transports, static transport => transport.HasWindows));
            registration = new MemoryRegistration(segment.Address, (nuint)segment.ByteCount, segment.Descriptor);
            memory = segment;
        }
        else
        {
            var own = new NativeBuffer((nuint)byteCount, (nuint)Environment.SystemPageSize); // peers open buffers by descriptors alone: in /dev/shm it would only take up room
            registration = new MemoryRegistration(own.Address, own.ByteCount, sharedDescriptor: -1);
            memory = own;
        }

        try
        {
            foreach (Transport transport in _transports)
            {
                registration.Keys[TransportIndex.Of(transport.Name)] = transport.Register(registration);
            }
        }
        catch
        {
            Free();
            throw;
        }

        _registrations.Add(registration);
        return new RegisteredBuffer<T>(registration, count, () =>
        {
            _registrations.Remove(registration);
            Free();
        });

        void Free()
        {
            foreach (IDisposable? key in registration.Keys)
            {
                key?.Dispose();
            }

            memory.Dispose();
        }
    }
}
