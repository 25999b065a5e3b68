using System.Runtime.CompilerServices;
using RdmaCollectives.Reduction;

namespace RdmaCollectives;

/// <summary>What is moved: a <see cref="DataType"/>, or a user's own struct by the hash of its name.</summary>
internal readonly record struct ElementType(byte Code, int Size, uint NameHash)
{
    private const byte UserDefined = byte.MaxValue;

    /// <summary>A kernel that reduces nothing and knows the size.</summary>
    public unsafe ReduceKernel Mover => new(null, null, Size, isCommutative: true);

    public static ElementType Of<T>()
        where T : unmanaged => DataTypes.TryOf<T>(out DataType type) ? new ElementType((byte)type, Unsafe.SizeOf<T>(), 0) : new ElementType(UserDefined, Unsafe.SizeOf<T>(), TypeNames<T, T>.Hash);

    /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
    public static ElementType Of(DataType type) => new((byte)type, type.ElementSize(), 0);
}
