using System.Globalization;

namespace RdmaCollectives.Worker;

/// <summary>A rank that goes on after every fault.</summary>
internal static class Survival
{
    /// <summary>
    /// Sums until a fault, shrinks, and sums exactly so many times more in what is left; where that ends in a fault too, again. <c>rank of ranks, epoch</c>, and the survivors' old ranks. The new communicator is handed out.
    /// </summary>
    /// <param name="communicator">Where it begins.</param>
    /// <param name="calls">How many sums the last communicator has to do.</param>
    /// <param name="patience">How long to wait for ranks that do not call.</param>
    /// <param name="left">The communicator that did them.</param>
    public static string GoOn(Communicator communicator, int calls, TimeSpan patience, out Communicator left)
    {
        try
        {
            Console.WriteLine("looping");
            Sum(communicator, int.MaxValue);
        }
        catch (CommunicatorFaultException)
        {
            // what this waits for
        }

        left = communicator;
        while (true)
        {
            ShrinkResult result = left.Shrink(patience);
            left.Dispose();
            left = result.Communicator;
            try
            {
                Sum(left, calls);
                return string.Create(CultureInfo.InvariantCulture, $"{left.Rank} of {left.WorldSize}, epoch {left.Epoch}, were {string.Join(' ', result.Survivors.Select(survivor => survivor.OldRank))}");
            }
            catch (CommunicatorFaultException)
            {
                // one more died
            }
        }
    }

    private static void Sum(Communicator communicator, int calls)
    {
        long[] values = new long[10_000];
        for (int call = 0; call < calls; call++)
        {
            Array.Fill(values, communicator.Rank + call);
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            long ranks = communicator.WorldSize;
            long expected = (ranks * (ranks - 1) / 2) + (call * ranks);
            if (values.AsSpan().ContainsAnyExcept(expected))
            {
                throw new InvalidOperationException($"Wrong sum: {values[0]}, expected {expected} everywhere.");
            }
        }
    }
}
