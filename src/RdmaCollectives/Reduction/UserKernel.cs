using System.Runtime.InteropServices;

namespace RdmaCollectives.Reduction;

/// <summary>A user's reducer as a kernel: the state is a pointer to the <typeparamref name="TReducer"/>. What it throws passes through.</summary>
internal static unsafe class UserKernel<T, TReducer>
    where T : unmanaged
    where TReducer : unmanaged, IReducer<T>
{
    /// <summary>Bytes that are copied aside at a time where the result replaces the left operand.</summary>
    private const int ScratchByteCount = 4096;

    public static void Combine(void* state, byte* left, byte* right, byte* destination, nuint count)
    {
        var reducer = (TReducer*)state;
        if (destination == left)
        {
            CombineOverLeft(reducer, (T*)left, (T*)right, count);
            return;
        }

        if (destination != right)
        {
            NativeMemory.Copy(right, destination, count * (nuint)sizeof(T));
        }

        Invoke(reducer, (T*)left, (T*)destination, count);
    }

    /// <summary>The accumulator is the right operand and must not be the destination here: each block is computed in scratch memory and copied over the left operand.</summary>
    private static void CombineOverLeft(TReducer* reducer, T* left, T* right, nuint count)
    {
        nuint block = (nuint)Math.Max(1, ScratchByteCount / sizeof(T));
        void* heap = sizeof(T) > ScratchByteCount ? NativeMemory.Alloc((nuint)sizeof(T)) : null;
        byte* stack = stackalloc byte[ScratchByteCount];
        T* scratch = (T*)(heap != null ? heap : stack);
        try
        {
            while (count > 0)
            {
                nuint n = nuint.Min(count, block);
                NativeMemory.Copy(right, scratch, n * (nuint)sizeof(T));
                Invoke(reducer, left, scratch, n);
                NativeMemory.Copy(scratch, left, n * (nuint)sizeof(T));
                left += n;
                right += n;
                count -= n;
            }
        }
        finally
        {
            NativeMemory.Free(heap);
        }
    }

    private static void Invoke(TReducer* reducer, T* source, T* accumulator, nuint count)
    {
        while (count > 0)
        {
            int n = (int)nuint.Min(count, int.MaxValue);
            reducer->Reduce(new ReadOnlySpan<T>(source, n), new Span<T>(accumulator, n));
            source += n;
            accumulator += n;
            count -= (nuint)n;
        }
    }
}
