namespace RdmaCollectives.Worker;

/// <summary>What splits leave behind in this process once they are disposed.</summary>
internal static class Leftovers
{
    /// <summary>Makes, uses and disposes so many splits, some of them of splits, and says by how much threads, descriptors and this library's mappings grew. <c>0 0 0</c> is right.</summary>
    public static string Count(Communicator world, int splits)
    {
        Repeat(world, 3); // what the runtime sets up once
        Settle(world);
        (int threads, int descriptors, int mappings) = Now();
        Repeat(world, splits);
        Settle(world);
        (int threadsAfter, int descriptorsAfter, int mappingsAfter) = Now();
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{threadsAfter - threads} {descriptorsAfter - descriptors} {mappingsAfter - mappings}");
    }

    private static void Repeat(Communicator world, int splits)
    {
        for (int i = 0; i < splits; i++)
        {
            using Communicator part = (i % 2 == 0 ? world.Split(i % 3 == 0 ? 0 : world.Rank % 2, -world.Rank) : world.SplitAsync(0, 0).GetAwaiter().GetResult())!;
            using Communicator? nested = part.Split(part.Rank == 0 ? Communicator.NoColor : 1, 0);
            using RegisteredBuffer<int> buffer = part.Allocate<int>(1000);
            part.AllReduce(buffer.Span, ReduceOp.Sum);
            part.AllReduceAsync(buffer.Memory, ReduceOp.Sum).AsTask().GetAwaiter().GetResult();
            if (nested is not null)
            {
                NamedCommunicators.Sum(nested, 1, 100);
            }
        }
    }

    // All ranks are done, and what closes by itself (threads that were told to end, handles without an owner) has closed.
    private static void Settle(Communicator world)
    {
        NamedCommunicators.Sum(world, 1, 1);
        Thread.Sleep(500);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static (int Threads, int Descriptors, int Mappings) Now() => (
        Directory.GetDirectories("/proc/self/task").Count(IsOurs),
        Directory.GetFiles("/proc/self/fd").Length,
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("rdmacc", StringComparison.Ordinal)));

    // Ours have a name, or are those on which asynchronous splits run; threads of the pool come and go.
    private static bool IsOurs(string task)
    {
        try
        {
            string name = File.ReadAllText(Path.Combine(task, "comm"));
            return name.StartsWith("rdmacc", StringComparison.Ordinal) || name.StartsWith(".NET Long", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has just ended
        }
    }
}
