using RdmaCollectives.Reduction;

namespace RdmaCollectives;

/// <summary>How elements are combined: a built-in operator, or a reducer of the user's own at an address that does not move during the call.</summary>
internal readonly unsafe struct ReduceBy
{
    private const byte UserDefined = byte.MaxValue;

    private ReduceBy(in ReduceKernel kernel, byte op, void* state, uint nameHash)
    {
        Kernel = kernel;
        Op = op;
        State = state;
        NameHash = nameHash;
    }

    public readonly ReduceKernel Kernel;

    /// <summary><see cref="ReduceOp"/>, or 255.</summary>
    public readonly byte Op;

    public readonly void* State;

    /// <summary>A hash of the names of element type and reducer, or 0.</summary>
    public readonly uint NameHash;

    /// <exception cref="ArgumentException">There is no built-in reduction of <typeparamref name="T"/> by <paramref name="op"/>.</exception>
    public static ReduceBy Of<T>(ReduceOp op)
        where T : unmanaged => new(ReduceTable.Get<T>(op), (byte)op, null, 0);

    /// <exception cref="ArgumentException">There is no built-in reduction of <paramref name="type"/> by <paramref name="op"/>.</exception>
    public static ReduceBy Of(DataType type, ReduceOp op) => new(ReduceTable.Get(type, op), (byte)op, null, 0);

    public static ReduceBy Of<T, TReducer>(TReducer* reducer)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T> => new(ReduceTable.ForReducer<T, TReducer>(), UserDefined, reducer, TypeNames<T, TReducer>.Hash);
}
