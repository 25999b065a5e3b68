using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs;

/// <summary>
/// The four ways in which native calls report failure, one helper each: null with errno, the errno itself, -1 with errno, a negative errno.
/// The messages are built on failure only: the object is asked for its name, and the remedy for its text, after the fact.
/// </summary>
internal static unsafe class NativeResult
{
    /// <summary>For calls that return a pointer, or null with errno: <c>ibv_get_device_list</c>.</summary>
    internal static void* ThrowIfNull(void* result, string call, object target, Func<int, string?>? remedy = null)
    {
        if (result == null)
            Throw(call, target, Marshal.GetLastPInvokeError(), remedy);
        return result;
    }

    /// <summary>For calls that return 0 or the error number: most of verbs, such as <c>ibv_modify_qp</c>.</summary>
    internal static void ThrowIfErrno(int result, string call, object target, Func<int, string?>? remedy = null)
    {
        if (result != 0)
            Throw(call, target, result, remedy);
    }

    /// <summary>For calls that return 0, or -1 with errno: librdmacm, the C library and <c>ibv_query_gid</c>.</summary>
    internal static void ThrowIfMinusOne(int result, string call, object target, Func<int, string?>? remedy = null)
    {
        if (result != 0)
            Throw(call, target, Marshal.GetLastPInvokeError(), remedy);
    }

    /// <summary>For calls that return a count, or less than 0: <c>ibv_poll_cq</c>.</summary>
    internal static int ThrowIfNegative(int result, string call, object target, Func<int, string?>? remedy = null)
    {
        if (result < 0)
            Throw(call, target, -result, remedy);
        return result;
    }

    [DoesNotReturn]
    private static void Throw(string call, object target, int error, Func<int, string?>? remedy) =>
        throw VerbsException.FromErrno(call, target, error, remedy?.Invoke(error));
}
