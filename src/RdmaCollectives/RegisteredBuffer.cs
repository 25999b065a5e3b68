using System.Buffers;
using System.Runtime.CompilerServices;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

/// <summary>
/// Memory made by a communicator for its own calls: page-aligned, outside of the garbage collector's heap, registered with every transport in use. Transports send from it
/// without a copy, ranks of the same host read it where it lies, and during a call others store results in its output (<see cref="CommunicatorOptions.Push"/>). Zero at first.
/// </summary>
/// <remarks>
/// A running call keeps the memory: disposing the buffer in the middle of one takes effect when the call ends. <see cref="Span"/> and <see cref="MemoryManager{T}.Memory"/> must not be used
/// after disposal; both throw if they are asked for then, a span taken before does not know. Safe for use by several threads as far as the elements are.
/// </remarks>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class RegisteredBuffer<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly Action _free;

    internal RegisteredBuffer(MemoryRegistration registration, int length, Action free)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)(uint)length * (nuint)sizeof(T), registration.ByteCount, nameof(length));
        Registration = registration;
        Length = length;
        _free = free;
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The elements.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public Span<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(Registration.Uses.IsClosed, this);
            return new Span<T>(Registration.Address, Length);
        }
    }

    internal MemoryRegistration Registration { get; }

    /// <inheritdoc/>
    public override Span<T> GetSpan() => Span;

    /// <summary>Gives a pointer to an element and keeps the memory until the handle is disposed. The memory never moves.</summary>
    /// <param name="elementIndex">The element, 0 to <see cref="Length"/>.</param>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Length);
        ObjectDisposedException.ThrowIf(!Registration.Uses.TryHold(), this);
        return new MemoryHandle(Unsafe.Add<T>(Registration.Address, elementIndex), pinnable: this);
    }

    /// <inheritdoc/>
    public override void Unpin() => Registration.Uses.Release();

    /// <summary>Frees the memory, at once or when the call that uses it ends. Doing it again does nothing.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Registration.Uses.Close(_free);
}
