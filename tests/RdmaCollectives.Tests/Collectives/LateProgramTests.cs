using System.Diagnostics;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Random programs that are correct, of ranks that are late at random: long enough that the others ask what is the matter, again and again. None of them may be told that anything is.</summary>
public sealed class LateProgramTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8);

    [Fact]
    public void Programs_OfLateRanks_AreNeverAMismatch()
    {
        int seed = Environment.TickCount & 0xffff;
        output.WriteLine($"seeds {seed} to {seed + 11}");
        int[] calls = new int[12];
        Parallel.For(0, calls.Length, new ParallelOptions { MaxDegreeOfParallelism = calls.Length }, program => calls[program] = Run(seed + program));
        output.WriteLine($"{calls.Sum()} calls");
        Assert.All(calls, count => Assert.True(count > 5, $"A program made {count} calls."));
    }

    private static int Run(int seed)
    {
        var shape = new Random(seed);
        int ranks = 2 + shape.Next(4);
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Slots = 4, Channels = 1 + shape.Next(3), Timeout = TimeSpan.FromMinutes(2) });
        int done = 0;
        int last = int.MaxValue;
        long start = Stopwatch.GetTimestamp();
        group.Run(communicator =>
        {
            var same = new Random(seed + 1); // all ranks draw the same calls
            var own = new Random((seed * 31) + communicator.Rank);
            for (int call = 0; call < Volatile.Read(ref last); call++)
            {
                if (own.Next(4) == 0 && Volatile.Read(ref last) == int.MaxValue)
                {
                    Thread.Sleep(own.Next(450));
                }

                Make(communicator, same, ranks);
                if (communicator.Rank == 0)
                {
                    Interlocked.Increment(ref done);
                    if (Stopwatch.GetElapsedTime(start) > Time && Volatile.Read(ref last) == int.MaxValue)
                    {
                        Volatile.Write(ref last, call + 60); // all ranks have drawn fewer: a rank is at most the slots of its connections ahead
                    }
                }
            }
        });
        return done;
    }

    private static void Make(Communicator c, Random same, int ranks)
    {
        int count = same.Next(3) == 0 ? 40_000 : same.Next(50);
        int root = same.Next(ranks);
        int distance = 1 + same.Next(ranks - 1);
        int[] values = new int[count];
        switch (same.Next(7))
        {
            case 0:
                c.AllReduce(values.AsSpan(), ReduceOp.Sum);
                break;
            case 1:
                c.Broadcast(values.AsSpan(), root);
                break;
            case 2:
                c.Barrier();
                break;
            case 3:
                c.SendReceive<int>(values, (c.Rank + distance) % ranks, new int[count], (c.Rank + ranks - distance) % ranks);
                break;
            case 4:
                ToRoot(c, values, root, ranks);
                break;
            case 5:
                c.AllToAll<int>(new int[count * ranks], new int[count * ranks]);
                break;
            default:
                c.Reduce(values, ReduceOp.Max, root);
                break;
        }
    }

    // In any order, taken as they come.
    private static void ToRoot(Communicator c, int[] values, int root, int ranks)
    {
        for (int i = 1; i < ranks && c.Rank == root; i++)
        {
            c.ReceiveAny(values.AsSpan());
        }

        if (c.Rank != root)
        {
            c.Send<int>(values, root);
        }

        c.Barrier(); // so that nobody's next message is taken for this one's
    }
}
