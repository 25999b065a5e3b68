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

            case "exact-sum": // bit-exact, of so many floats
                return SumExactly(int.Parse(argument, CultureInfo.InvariantCulture));

            case "allocations": // of an all-reduce of so many elements, and how often
            case "allocations-of-all": // of every other call
                int[] numbers = [.. argument.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
                return CountAllocations(words[0] == "allocations" ? OneCall(numbers[0]) : AllCalls(numbers[0]), numbers.Length > 1 ? numbers[1] : 10_000);

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

    private string SumExactly(int count)
    {
        float[] values = ExactSum.Input(communicator.Rank, count);
        communicator.AllReduce(values.AsSpan(), ReduceOp.Sum, new OperationOptions { BitExact = true });
        return ExactSum.Digest(values);
    }

    private Action OneCall(int count)
    {
        float[] send = new float[count];
        float[] receive = new float[count];
        return () => communicator.AllReduce(send, receive, ReduceOp.Sum);
    }

    // Every collective, a transfer and a group.
    private Action AllCalls(int count)
    {
        int ranks = communicator.WorldSize;
        int up = (communicator.Rank + 1) % ranks;
        int down = (communicator.Rank + ranks - 1) % ranks;
        float[] one = new float[count];
        float[] other = new float[count];
        float[] blocks = new float[count * ranks];
        float[] otherBlocks = new float[count * ranks];
        int[] counts = [.. Enumerable.Repeat(count, ranks)];
        OperationGroup group = communicator.CreateGroup();
        group.AllReduce<float>(new float[count], ReduceOp.Sum);
        group.AllReduce<float>(new float[3], ReduceOp.Sum);
        group.Send<float>(new float[count], up);
        group.Receive<float>(new float[count], down);
        return () =>
        {
            communicator.Reduce<float>(one, other, ReduceOp.Sum, 1);
            communicator.Broadcast(one.AsSpan(), 1);
            communicator.AllGather<float>(one, blocks);
            communicator.AllGather<float>(one, blocks, counts);
            communicator.ReduceScatter<float>(blocks, one, ReduceOp.Sum);
            communicator.AllToAll<float>(blocks, otherBlocks);
            communicator.AllToAll<float>(blocks, counts, [], otherBlocks, counts, []);
            communicator.Gather<float>(one, blocks, 1);
            communicator.Scatter<float>(blocks, one, 1);
            communicator.SendReceive<float>(one, up, other, down);
            communicator.Barrier();
            group.Run();
        };
    }

    // Bytes allocated by the whole process in so many calls, after a tenth of them to warm up.
    private string CountAllocations(Action call, int calls)
    {
        for (int i = 0; i < calls / 10; i++)
        {
            call();
        }

        // Each rank once waits long enough to sleep in the kernel, so that what the runtime sets up at a first system call is not counted as a call's.
        for (int rank = 0; rank < communicator.WorldSize; rank++)
        {
            Thread.Sleep(rank == communicator.Rank ? 50 : 0);
            call();
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < calls; i++)
        {
            call();
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before).ToString(CultureInfo.InvariantCulture);
    }
}
