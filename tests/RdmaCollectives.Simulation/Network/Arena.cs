using System.Runtime.InteropServices;

namespace RdmaCollectives.Simulation.Network;

/// <summary>
/// The memory of a simulation: slots, and the buffers of programs. Handed out in one direction and taken back as a whole, so that a write that comes too late hits what belongs to this simulation and is found there.
/// </summary>
internal sealed unsafe class Arena
{
    /// <summary>What memory holds that nobody has written: no sum is made of it, and no header.</summary>
    public const byte Poison = 0xA5;

    private const int Alignment = 64;
    private const nuint Size = 64 << 20;

    private readonly byte* _start = (byte*)NativeMemory.AlignedAlloc(Size, Alignment); // the worker's, until its process ends
    private nuint _used;

    public byte* Take(int byteCount)
    {
        nuint rounded = ((nuint)byteCount + Alignment - 1) & ~(nuint)(Alignment - 1);
        if (_used + rounded > Size)
        {
            throw new InvalidOperationException($"The arena of {Size} bytes is used up: let programs be smaller.");
        }

        byte* taken = _start + _used;
        _used += rounded;
        new Span<byte>(taken, (int)rounded).Fill(Poison);
        return taken;
    }

    public void Clear() => _used = 0;
}
