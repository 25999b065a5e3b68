using System.Globalization;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Worker;

/// <summary>
/// A piece of a long run: <c>soak SEED CALLS</c>. Random calls over the world and over splits of it, splits of splits, several asynchronous calls at once, and a split that a rank aborts or cancels in the
/// middle, which faults on its ranks and on nobody else. Every result is checked; afterwards nothing is left of the splits.
/// </summary>
internal static class SoakPhase
{
    private const int MostElements = 40_000;

    public static string Run(Communicator world, string argument)
    {
        string[] words = argument.Split(' ');
        var random = new Random(int.Parse(words[0], CultureInfo.InvariantCulture)); // the same on all ranks
        int calls = int.Parse(words[1], CultureInfo.InvariantCulture);
        for (int i = 0; i < calls; i++)
        {
            switch (random.Next(40))
            {
                case 0:
                    UseSplit(world, random, depth: 0);
                    break;
                case 1:
                    EndSplit(world, random);
                    break;
                case 2:
                    SumSideBySide(world, random);
                    break;
                default:
                    RandomCase.Next(random, world.WorldSize, MostElements).Run(world);
                    break;
            }
        }

        return argument;
    }

    /// <summary>What this process holds: kilobytes resident, managed bytes after a collection, threads, descriptors, mappings, and how many descriptors of which kind.</summary>
    public static string Sample()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        string resident = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string[] descriptors = [.. Directory.GetFiles("/proc/self/fd").Select(Kind).Where(kind => !kind.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]; // the runtime keeps two for each assembly, loaded when first used
        return string.Create(CultureInfo.InvariantCulture,
            $"{resident} {managed} {Directory.GetDirectories("/proc/self/task").Length} {descriptors.Length} {File.ReadLines("/proc/self/maps").Count()} {string.Join(',', descriptors.CountBy(kind => kind).Select(kind => $"{kind.Key}={kind.Value}"))}");
    }

    /// <summary>Of a descriptor: what it refers to, without the number of its own. It may be gone again.</summary>
    private static string Kind(string descriptor)
    {
        try
        {
            string target = new FileInfo(descriptor).LinkTarget ?? "none";
            return target.StartsWith("anon_inode:", StringComparison.Ordinal) ? target["anon_inode:".Length..].Trim('[', ']') : target.Split(':', ' ')[0];
        }
        catch (IOException)
        {
            return "gone";
        }
    }

    private static void UseSplit(Communicator parent, Random random, int depth)
    {
        int color = random.Next(3) switch
        {
            0 => 0,
            1 => parent.Rank % 2,
            _ => parent.Rank == 0 ? Communicator.NoColor : 1,
        };
        int seed = random.Next(); // ranks of different groups draw differently from here on
        int calls = random.Next(1, 8);
        bool again = depth == 0 && random.Next(3) == 0;
        using Communicator? part = parent.Split(color, -parent.Rank);
        if (part is null)
        {
            return;
        }

        var own = new Random(seed);
        for (int i = 0; i < calls; i++)
        {
            RandomCase.Next(own, part.WorldSize, MostElements / 4).Run(part);
        }

        if (again)
        {
            UseSplit(part, own, depth + 1);
        }
    }

    // A split that ends by an abort, or by a cancelled token, of one of its ranks.
    private static void EndSplit(Communicator world, Random random)
    {
        bool cancels = random.Next(2) == 0;
        int culprit = random.Next(world.WorldSize);
        int after = random.Next(4);
        using var cancellation = new CancellationTokenSource();
        long[] values = new long[1 + random.Next(MostElements)];
        bool isEnded = false;
        try
        {
            using Communicator part = world.Split(0, 0)!; // which a quicker rank may have ended before this one has it
            for (int i = 0; i < 200; i++)
            {
                if (part.Rank == culprit && i == after)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(
                        _ =>
                        {
                            if (cancels)
                            {
                                cancellation.Cancel();
                            }
                            else
                            {
                                part.Abort();
                            }
                        },
                        null);
                }

                Array.Fill(values, 1);
                part.AllReduceAsync(values.AsMemory(), ReduceOp.Sum, cancellationToken: cancellation.Token).AsTask().GetAwaiter().GetResult();
                if (values.AsSpan().ContainsAnyExcept(part.WorldSize))
                {
                    throw new InvalidOperationException("Wrong sum in a communicator that is being ended.");
                }
            }
        }
        catch (CommunicatorFaultException fault) when (cancels ? fault.Error is Error.Canceled or Error.PeerLeft : fault.Error == Error.Aborted) // cancelled before it began, a call is not begun, and the rank just leaves
        {
            isEnded = true;
        }
        catch (OperationCanceledException) when (cancels && world.Rank == culprit)
        {
            isEnded = true;
        }

        if (!isEnded)
        {
            throw new InvalidOperationException("A communicator was ended, and this rank has not noticed.");
        }
    }

    private static void SumSideBySide(Communicator world, Random random)
    {
        int[][] values = [.. Enumerable.Range(0, 4).Select(_ => new int[1 + random.Next(MostElements / 4)])];
        ValueTask[] pending = new ValueTask[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Array.Fill(values[i], i + 1);
            pending[i] = world.AllReduceAsync(values[i].AsMemory(), ReduceOp.Sum);
        }

        for (int i = 0; i < values.Length; i++)
        {
            pending[i].AsTask().GetAwaiter().GetResult();
            if (values[i].AsSpan().ContainsAnyExcept((i + 1) * world.WorldSize))
            {
                throw new InvalidOperationException("Wrong sum of calls side by side.");
            }
        }
    }
}
