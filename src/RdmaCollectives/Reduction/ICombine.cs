using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// One binary operation on elements, alone and in vectors of each width. All four forms give the same bits for the same pair of elements:
/// which of them handles an element depends on where it lies in the buffer, and that must not show.
/// </summary>
internal interface ICombine<T>
    where T : unmanaged
{
    static abstract T Invoke(T left, T right);

    static abstract Vector128<T> Invoke(Vector128<T> left, Vector128<T> right);

    static abstract Vector256<T> Invoke(Vector256<T> left, Vector256<T> right);

    static abstract Vector512<T> Invoke(Vector512<T> left, Vector512<T> right);
}
