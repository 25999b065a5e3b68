using System.Runtime.InteropServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Execution;

/// <summary>
/// Small all-reduces of one type and operator as one: their elements are copied side by side, reduced in place and copied back. An element is reduced like any other of the fused call, so the bits
/// are the same on all ranks.
/// </summary>
internal sealed unsafe class FusedStage(in Call fused, Call[] parts, NativeBuffer memory) : GroupStage(fused)
{
    private readonly nuint _elementSize = (nuint)fused.Kernel.ElementSize;

    public override void Begin()
    {
        byte* to = memory.Address;
        foreach (ref readonly Call part in parts.AsSpan())
        {
            nuint byteCount = (nuint)part.InputLength * _elementSize;
            NativeMemory.Copy(part.Input, to, byteCount);
            to += byteCount;
        }
    }

    public override void End()
    {
        byte* from = memory.Address;
        foreach (ref readonly Call part in parts.AsSpan())
        {
            nuint byteCount = (nuint)part.OutputLength * _elementSize;
            NativeMemory.Copy(from, part.Output, byteCount);
            from += byteCount;
        }
    }

    public override void Dispose() => memory.Dispose();
}
