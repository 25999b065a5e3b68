using System.Buffers;
using RdmaCollectives.Simulation.Network;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Integers in the arena, or in memory of the communicator, with guards before and behind. <see cref="Seal"/> fills it after a fault: from then on nobody may write there.</summary>
internal sealed unsafe class GuardedBuffer : MemoryManager<int>
{
    private const int Guards = 16;
    private const int Guard = 0x6A5DC0DE;
    private const int Sealed = 0x5EA1ED00;
    private const int Scribbled = 0x5C21BB1E;

    private readonly int* _start;
    private readonly RegisteredBuffer<int>? _registered;
    private bool _isSealed;

    public GuardedBuffer(Arena arena, int count, RegisteredBuffer<int>? registered)
    {
        Count = count;
        _registered = registered;
        _start = registered is null ? (int*)arena.Take((count + (2 * Guards)) * sizeof(int)) : (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(registered.Span));
        new Span<int>(_start, Guards).Fill(Guard);
        new Span<int>(_start + Guards + count, Guards).Fill(Guard);
    }

    public int Count { get; }

    public int* Address => _start + Guards;

    public Span<int> Elements => new(Address, Count);

    /// <summary>Elements that a registered buffer of this count needs.</summary>
    public static int WithGuards(int count) => count + (2 * Guards);

    /// <summary>Writes over it, as a program does when a call has returned.</summary>
    public void Scribble() => Elements.Fill(Scribbled);

    public void Seal()
    {
        Elements.Fill(Sealed);
        _isSealed = true;
    }

    /// <summary>Null where all is as it should be.</summary>
    public string? Complaint()
    {
        for (int i = 0; i < Guards; i++)
        {
            if (_start[i] != Guard || _start[Guards + Count + i] != Guard)
            {
                return $"the guard {i} of a buffer of {Count} elements was written over";
            }
        }

        int written = _isSealed ? Elements.IndexOfAnyExcept(Sealed) : -1;
        return written < 0 ? null : $"element {written} of a buffer of {Count} was written after the call had ended by a fault";
    }

    public override Span<int> GetSpan() => Elements;

    public override MemoryHandle Pin(int elementIndex = 0) => new(Address + elementIndex);

    public override void Unpin()
    {
    }

    public void Free() => _registered?.Dispose();

    protected override void Dispose(bool disposing)
    {
    }
}
