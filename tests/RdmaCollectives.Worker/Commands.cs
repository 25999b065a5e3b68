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
            case "allocations-of-all": // of every other call: those that allocate, by name
                int[] numbers = [.. argument.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
                int calls = numbers.Length > 1 ? numbers[1] : 10_000;
                return words[0] == "allocations"
                    ? LeastAllocations(OneCall(numbers[0]), calls).ToString(CultureInfo.InvariantCulture)
                    : string.Join(", ", AllCalls(numbers[0]).Select(call => (call.Name, Bytes: LeastAllocations(call.Run, calls))).Where(call => call.Bytes > 0));

            case "mismatch": // this rank's own idea of how many elements the call has
                int[] values = new int[int.Parse(argument, CultureInfo.InvariantCulture)];
                communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
                return argument;

            case "allocate": // an all-reduce in a buffer of the library's, of so many elements
                return AllReduceAllocated(int.Parse(argument, CultureInfo.InvariantCulture));

            case "call": // NAME PEER COUNT: one call, and then a barrier, by those whose part in it is in a slot and who go on
                Call(argument.Split(' '));
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

            case "fork": // a child that holds all sockets of this rank, and does nothing; its number
                return ForkedChild.Start().ToString(CultureInfo.InvariantCulture);

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

    private void Call(string[] words)
    {
        int peer = int.Parse(words[1], CultureInfo.InvariantCulture);
        float[] values = new float[int.Parse(words[2], CultureInfo.InvariantCulture)];
        switch (words[0])
        {
            case "broadcast": communicator.Broadcast(values.AsSpan(), peer); break;
            case "send": communicator.Send<float>(values, peer); break;
            case "receive": communicator.Receive(values.AsSpan(), peer); break;
            case "receive-any": communicator.ReceiveAny(values.AsSpan()); break;
            case "all-reduce": communicator.AllReduce(values.AsSpan(), ReduceOp.Sum); break;
            case "maximum": communicator.AllReduce(values.AsSpan(), ReduceOp.Max); break;
            case "integers": communicator.AllReduce(new int[values.Length].AsSpan(), ReduceOp.Sum); break;
            case "barrier": break;
            default: throw new ArgumentException($"Unknown call '{words[0]}'.", nameof(words));
        }

        communicator.Barrier();
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

    private string AllReduceAllocated(int count)
    {
        using RegisteredBuffer<int> buffer = communicator.Allocate<int>(count);
        buffer.Span.Fill(communicator.Rank + 1);
        communicator.AllReduce(buffer.Span, ReduceOp.Sum);
        int sum = communicator.WorldSize * (communicator.WorldSize + 1) / 2;
        return buffer.Span.ContainsAnyExcept(sum) ? $"not all are {sum}" : $"{count}";
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
    private (string Name, Action Run)[] AllCalls(int count)
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
        return
        [
            ("reduce", () => communicator.Reduce<float>(one, other, ReduceOp.Sum, 1)),
            ("broadcast", () => communicator.Broadcast(one.AsSpan(), 1)),
            ("all-gather", () => communicator.AllGather<float>(one, blocks)),
            ("all-gather with counts", () => communicator.AllGather<float>(one, blocks, counts)),
            ("reduce-scatter", () => communicator.ReduceScatter<float>(blocks, one, ReduceOp.Sum)),
            ("all-to-all", () => communicator.AllToAll<float>(blocks, otherBlocks)),
            ("all-to-all with counts", () => communicator.AllToAll<float>(blocks, counts, [], otherBlocks, counts, [])),
            ("gather", () => communicator.Gather<float>(one, blocks, 1)),
            ("scatter", () => communicator.Scatter<float>(blocks, one, 1)),
            ("send and receive", () => communicator.SendReceive<float>(one, up, other, down)),
            ("barrier", () => communicator.Barrier()),
            ("group", group.Run),
        ];
    }

    // The runtime makes some objects once, whenever a thread first waits in a new way, and a call that stalls for long asks the others why. A call that allocates does so in every window.
    private long LeastAllocations(Action call, int calls)
    {
        long least = long.MaxValue;
        Span<long> most = [long.MaxValue]; // of all ranks: they make the same calls, so they stop together
        for (int window = 0; window < 6 && most[0] > 0; window++)
        {
            least = Math.Min(least, CountAllocations(call, calls / 3));
            most[0] = least;
            communicator.AllReduce(most, ReduceOp.Max);
        }

        return least;
    }

    // Bytes allocated by the whole process in so many calls, after a tenth of them to warm up.
    private long CountAllocations(Action call, int calls)
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

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
