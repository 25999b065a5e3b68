using System.Diagnostics;
using System.Globalization;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Worker;

/// <summary>
/// Random calls without end, every result checked, until a fault ends them: <c>chaos SEED [abort|cancel|awaits [MS]]</c>. Says "looping" when the first call is done, then when the fault was thrown (by the
/// machine's clock, <see cref="Stopwatch.GetTimestamp"/>, the same for all its processes) and what it was. Anything that is no fault is a failure, a wrong result before all.
/// </summary>
internal static class ChaosLoop
{
    private const int MostElements = 60_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    public static string Run(Communicator communicator, string argument)
    {
        string[] words = argument.Split(' ');
        var random = new Random(int.Parse(words[0], CultureInfo.InvariantCulture));
        string role = words.Length > 1 ? words[1] : "calls";
        int milliseconds = words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0;
        using var cancellation = new CancellationTokenSource();
        using var timer = new Timer(_ => (role == "abort" ? (Action)communicator.Abort : cancellation.Cancel)());
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        try
        {
            while (Stopwatch.GetElapsedTime(start) < Longest)
            {
                if (role is "cancel" or "awaits")
                {
                    SumAsync(communicator, random, cancellation.Token);
                }
                else
                {
                    RandomCase.Next(random, communicator.WorldSize, MostElements).Run(communicator);
                }

                if (calls++ == 0)
                {
                    Console.WriteLine("looping");
                    timer.Change(role is "abort" or "cancel" ? milliseconds : Timeout.Infinite, Timeout.Infinite);
                }
            }
        }
        catch (Exception error) when (Cause(error) is CollectiveException or OperationCanceledException)
        {
            long at = Stopwatch.GetTimestamp();
            Exception fault = Cause(error);
            if (fault is OperationCanceledException)
            {
                communicator.Abort(); // cancelled before it began, the call was not begun: nobody knows of it yet
            }

            string what = fault is CollectiveException typed ? $"{typed.Error} {typed.Peer}" : "OperationCanceled -1";
            return string.Create(CultureInfo.InvariantCulture, $"fault {at} {calls} {what} {fault.Message}");
        }

        throw new TimeoutException($"No fault came within {Longest.TotalSeconds} s.");
    }

    /// <summary>After the fault: the survivors' own communicator, and exact sums over it. Says its size and epoch.</summary>
    public static string GoOn(Communicator atFault, int seed, int calls)
    {
        using Communicator survivors = atFault.Shrink(Longest).Communicator;
        SumExactly(survivors, new Random(seed), calls);
        return string.Create(CultureInfo.InvariantCulture, $"{survivors.WorldSize} {survivors.Epoch}");
    }

    /// <summary>So many exact sums of random sizes; the sum of the ranks' numbers, which the caller knows.</summary>
    public static void SumExactly(Communicator communicator, Random random, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            long[] values = new long[1 + random.Next(random.Next(5) == 0 ? MostElements : 500)];
            for (int element = 0; element < values.Length; element++)
            {
                values[element] = ((long)communicator.Rank << 40) + element;
            }

            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Check(values, communicator.WorldSize);
        }
    }

    private static Exception Cause(Exception error) => error is AggregateException { InnerException: { } inner } ? inner : error;

    private static void SumAsync(Communicator communicator, Random random, CancellationToken cancellationToken)
    {
        long[] values = new long[1 + random.Next(MostElements)];
        for (int element = 0; element < values.Length; element++)
        {
            values[element] = ((long)communicator.Rank << 40) + element;
        }

        communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Sum, cancellationToken: cancellationToken).AsTask().GetAwaiter().GetResult();
        Check(values, communicator.WorldSize);
    }

    private static void Check(long[] values, long ranks)
    {
        for (int element = 0; element < values.Length; element++)
        {
            long expected = ((ranks * (ranks - 1) / 2) << 40) + (ranks * element);
            if (values[element] != expected)
            {
                throw new InvalidOperationException($"Wrong sum: element {element} is {values[element]}, expected {expected}.");
            }
        }
    }
}
