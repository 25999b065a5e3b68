using System.Globalization;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a communicator of this rank has registered with adapters, counted once per rail, and how much it may. Any thread.</summary>
/// <param name="limit">In bytes; null where there is none.</param>
internal sealed class RegistrationBudget(long? limit)
{
    private long _taken;

    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Before a registration. Every Take that succeeds has its <see cref="Return"/>.</summary>
    /// <param name="byteCount">How much.</param>
    /// <param name="what">For the error, as in "the slots of the connection to rank 3".</param>
    /// <param name="remedy">For the error, what to do besides raising the limit.</param>
    /// <exception cref="CollectiveException">It would be more than is allowed.</exception>
    public void Take(long byteCount, string what, string remedy)
    {
        long taken = Interlocked.Add(ref _taken, byteCount);
        if (limit is { } most && taken > most)
        {
            Return(byteCount);
            throw new CollectiveException(Error.Resource,
                $"RDMACC_REGISTERED_MEMORY allows this communicator {Show(most)}. {Show(taken - byteCount)} are registered, and {what} would take {Show(byteCount)} more. Raise it by {Show(taken - most)} at least, or {remedy}.");
        }
    }

    public void Return(long byteCount) => Interlocked.Add(ref _taken, -byteCount);

    private static string Show(long byteCount) => byteCount < 1024 ? $"{byteCount} bytes"
        : byteCount < 1L << 20 ? $"{(byteCount / 1024.0).ToString("0.#", CultureInfo.InvariantCulture)} KiB"
        : $"{(byteCount / (double)(1 << 20)).ToString("0.#", CultureInfo.InvariantCulture)} MiB";
}
