using System.Buffers;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Tool.Perf;

/// <summary>Memory to send from or receive in, of more than 2 GiB if asked.</summary>
internal sealed unsafe class PerfBuffer : IDisposable
{
    private const int PageBytes = 4096;

    private RegisteredBuffer<long>? _registered;
    private MemoryHandle _pin;
    private byte* _memory;

    public PerfBuffer(Communicator communicator, BufferKind kind, long byteCount)
    {
        if (kind == BufferKind.Allocate)
        {
            _registered = communicator.Allocate<long>(checked((int)((byteCount + sizeof(long) - 1) / sizeof(long))));
            _pin = _registered.Pin();
            Address = (byte*)_pin.Pointer;
        }
        else
        {
            Address = _memory = (byte*)NativeMemory.AlignedAlloc((nuint)byteCount, PageBytes);
        }

        Fill(0, byteCount); // the first touch of a page costs, and is no part of a call
    }

    public byte* Address { get; }

    /// <summary>Sets the first bytes.</summary>
    public void Fill(byte value, long byteCount) => NativeMemory.Fill(Address, (nuint)byteCount, value);

    public void Dispose()
    {
        _pin.Dispose();
        _registered?.Dispose();
        _registered = null;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
