using System.Diagnostics;
using System.Globalization;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Worker;

/// <summary>What a rank can be told to do.</summary>
internal sealed class Commands(Communicator communicator)
{
    public string Run(string line)
    {
        string[] words = line.Split(' ', 2);
        string argument = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "case":
                CollectiveCase.Parse(argument).Run(communicator);
                return argument;

            case "loop": // all-reduce of so many elements without end; a fault ends it
                Loop(int.Parse(argument, CultureInfo.InvariantCulture));
                return "";

            case "allocations":
                int[] numbers = [.. argument.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
                return CountAllocations(numbers[0], numbers.Length > 1 ? numbers[1] : 10_000);

            case "mismatch": // this rank's own idea of how many elements the call has
                int[] values = new int[int.Parse(argument, CultureInfo.InvariantCulture)];
                communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
                return argument;

            case "rank-order": // a reducer that does not commute, over so many elements
                ReduceInRankOrder(int.Parse(argument, CultureInfo.InvariantCulture));
                return argument;

            case "starve": // every thread of the pool sits in a synchronous collective from now on
                Console.WriteLine($"starved {StarvedPool.Start()}");
                Loop(1000);
                return "";

            case "sleep": // stays away for so many milliseconds
                Thread.Sleep(int.Parse(argument, CultureInfo.InvariantCulture));
                return argument;

            case "abort":
                communicator.Abort();
                return "";

            case "leave":
                communicator.Dispose();
                return "";

            default:
                throw new ArgumentException($"Unknown command '{line}'.", nameof(line));
        }
    }

    private void Loop(int count)
    {
        float[] values = new float[count];
        long start = Stopwatch.GetTimestamp();
        Console.WriteLine("looping");
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60))
        {
            Array.Fill(values, communicator.Rank + 1);
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            float expected = communicator.WorldSize * (communicator.WorldSize + 1) / 2;
            if (values.AsSpan().ContainsAnyExcept(expected))
            {
                throw new InvalidOperationException($"Wrong sum: expected {expected} everywhere.");
            }
        }
    }

    private void ReduceInRankOrder(int count)
    {
        for (int repeat = 0; repeat < 5; repeat++)
        {
            Affine[] values = [.. Enumerable.Range(0, count).Select(i => Affine.Of(communicator.Rank, i))];
            communicator.AllReduce(values.AsSpan(), default(AffineReducer));
            for (int i = 0; i < count; i++)
            {
                Affine expected = Enumerable.Range(0, communicator.WorldSize).Select(rank => Affine.Of(rank, i)).Aggregate(Affine.Compose);
                if (values[i] != expected)
                {
                    throw new InvalidOperationException($"Element {i} is {values[i]}, expected {expected}.");
                }
            }
        }
    }

    // Bytes allocated by the whole process in so many calls, after a tenth of them to warm up.
    private string CountAllocations(int count, int calls)
    {
        float[] send = new float[count];
        float[] receive = new float[count];
        for (int i = 0; i < calls / 10; i++)
        {
            communicator.AllReduce(send, receive, ReduceOp.Sum);
        }

        // Each rank once waits long enough to sleep in the kernel, so that what the runtime sets up at a first system call is not counted as a call's.
        for (int rank = 0; rank < communicator.WorldSize; rank++)
        {
            Thread.Sleep(rank == communicator.Rank ? 50 : 0);
            communicator.AllReduce(send, receive, ReduceOp.Sum);
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < calls; i++)
        {
            communicator.AllReduce(send, receive, ReduceOp.Sum);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before).ToString(CultureInfo.InvariantCulture);
    }
}
