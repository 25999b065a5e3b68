using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RdmaCollectives;

/// <summary>What the public calls check of lengths and places. Lengths and distances are in elements.</summary>
internal static unsafe class Arguments
{
    public static void RequireLength(string name, ulong length, ulong wanted, string why)
    {
        if (length != wanted)
        {
            ThrowLength(name, length, wanted, why);
        }
    }

    public static void RequireLength(string name, ulong length, ulong wanted, [InterpolatedStringHandlerArgument(nameof(length), nameof(wanted))] ref LengthReason why)
    {
        if (length != wanted)
        {
            ThrowLength(name, length, wanted, why.ToStringAndClear());
        }
    }

    public static void RequireNoNull(string name, void* address, ulong length)
    {
        if (address is null && length > 0)
        {
            ThrowNull(name, length);
        }
    }

    /// <summary>The memory is there, and its size in bytes is one that memory can have.</summary>
    public static void RequireBytes(string name, void* address, ulong length, int elementSize)
    {
        RequireNoNull(name, address, length);
        if (length > (ulong)int.MaxValue && length > (ulong)nint.MaxValue / (ulong)elementSize) // the first spares small calls the division
        {
            ThrowTooLong(name, length, elementSize);
        }
    }

    /// <summary>A product that does not wrap around.</summary>
    public static ulong Times(ulong length, int ranks, string name) =>
        length <= ulong.MaxValue / (ulong)ranks ? length * (ulong)ranks : throw new ArgumentOutOfRangeException(name, length, $"{length} elements for {ranks} ranks are more than an address space holds.");

    /// <summary>Both are the same memory (in place), or do not overlap.</summary>
    public static void RequireSameOrApart(void* send, void* receive, ulong length, int elementSize)
    {
        if (send != receive)
        {
            RequireApart(send, length, receive, length, elementSize);
        }
    }

    /// <summary>They do not overlap.</summary>
    public static void RequireApart(void* send, ulong sendLength, void* receive, ulong receiveLength, int elementSize)
    {
        if (Overlap(send, sendLength, receive, receiveLength, elementSize))
        {
            ThrowOverlap((byte*)receive - (byte*)send, elementSize, "pass the same memory for both (in place), or memory that does not overlap", "receive");
        }
    }

    /// <summary>The buffer of one block is this rank's block of the other one (in place), or they do not overlap.</summary>
    public static void RequireOwnBlockOrApart(void* block, ulong blockLength, void* all, ulong allLength, ulong ownOffset, int elementSize, string name)
    {
        if (block != (byte*)all + (ownOffset * (ulong)elementSize) && Overlap(block, blockLength, all, allLength, elementSize))
        {
            ThrowOverlap((byte*)block - (byte*)all, elementSize, $"pass this rank's own block of {name}, which begins at element {ownOffset} (in place), or memory that does not overlap", name);
        }
    }

    private static bool Overlap(void* a, ulong aLength, void* b, ulong bLength, int elementSize) =>
        aLength > 0 && bLength > 0 && (byte*)a < (byte*)b + (bLength * (ulong)elementSize) && (byte*)b < (byte*)a + (aLength * (ulong)elementSize);

    [DoesNotReturn]
    private static void ThrowNull(string name, ulong length) => throw new ArgumentNullException(name, $"{name} is null and has {length} elements.");

    [DoesNotReturn]
    private static void ThrowTooLong(string name, ulong length, int elementSize) =>
        throw new ArgumentOutOfRangeException("elementCount", length, $"{name}: {length} elements of {elementSize} bytes are more than an address space holds."); // no span is as long: the call took pointers

    [DoesNotReturn]
    private static void ThrowLength(string name, ulong length, ulong wanted, string why) =>
        throw new ArgumentException($"{name} has {length} elements and needs {wanted}: {why}.", name);

    [DoesNotReturn]
    private static void ThrowOverlap(long distance, int elementSize, string remedy, string name) =>
        throw new ArgumentException($"send and receive overlap, {Math.Abs(distance) / elementSize} elements apart: {remedy}.", name);
}
