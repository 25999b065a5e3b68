using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Testing;

/// <summary>
/// A buffer with guard bytes before, behind and (until something is put there) inside it, and beside it a picture of what it should be after the call: comparing the two finds wrong elements
/// and touched memory alike.
/// </summary>
internal sealed class GuardedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int Guard = 16;
    private const byte GuardByte = 0xA5;

    private readonly RegisteredBuffer<T>? _allocated;
    private readonly Memory<T> _all;
    private readonly T[] _expected;
    private readonly int _length;

    public GuardedBuffer(Communicator communicator, int length, bool allocated)
    {
        _length = length;
        _expected = GC.AllocateUninitializedArray<T>(length + (2 * Guard));
        _allocated = allocated ? communicator.Allocate<T>(_expected.Length) : null;
        _all = _allocated?.Memory ?? GC.AllocateUninitializedArray<T>(_expected.Length);
        MemoryMarshal.AsBytes(_expected.AsSpan()).Fill(GuardByte);
        _expected.CopyTo(_all);
    }

    public Memory<T> Memory => _all.Slice(Guard, _length);

    /// <summary>Fills a range, which the call leaves as it is.</summary>
    public void Put(int offset, int count, T[] pattern)
    {
        Expect(offset, count, pattern);
        _expected.AsSpan(Guard + offset, count).CopyTo(_all.Span[(Guard + offset)..]);
    }

    /// <summary>What a range is after the call.</summary>
    public void Expect(int offset, int count, T[] pattern)
    {
        Span<T> range = _expected.AsSpan(Guard + offset, count);
        pattern.AsSpan(0, Math.Min(count, pattern.Length)).CopyTo(range);
        for (int done = pattern.Length; done < count; done += done)
        {
            range[..Math.Min(done, count - done)].CopyTo(range[done..]); // twice as much every time: whole periods
        }
    }

    /// <summary>Null, or what is wrong first.</summary>
    public string? FindFault()
    {
        ReadOnlySpan<T> found = _all.Span;
        int size = Unsafe.SizeOf<T>();
        int at = MemoryMarshal.AsBytes(found).CommonPrefixLength(MemoryMarshal.AsBytes(_expected.AsSpan()));
        if (at == _expected.Length * size)
        {
            return null;
        }

        int index = at / size;
        bool isGuard = !MemoryMarshal.AsBytes(_expected.AsSpan(index, 1)).ContainsAnyExcept(GuardByte);
        return $"element {index - Guard} of {_length} is {found[index]}, expected {(isGuard ? "that nobody writes there" : _expected[index])}";
    }

    public void Dispose() => _allocated?.Dispose();
}
