using System.Runtime.CompilerServices;

namespace RdmaCollectives.Execution;

/// <summary>
/// Who may move a communicator: whoever holds its token touches its plans, connections and transports, sleeping included, and nobody else does. Taken and given back by the same thread, so the
/// thread knows whether it is driving: a collective called from there comes from a reducer.
/// </summary>
internal sealed class ProgressToken
{
    [ThreadStatic]
    private static int t_held;

    private int _isTaken;

    /// <summary>Whether this thread drives a communicator, any.</summary>
    public static bool IsHeldByThisThread => t_held > 0;

    public bool IsFree => Volatile.Read(ref _isTaken) == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake()
    {
        if (Interlocked.CompareExchange(ref _isTaken, 1, 0) != 0)
        {
            return false;
        }

        t_held++;
        return true;
    }

    public void Release()
    {
        t_held--;
        Volatile.Write(ref _isTaken, 0);
    }
}
