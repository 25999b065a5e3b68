using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// How long a world takes to come up, and a communicator of the same ranks after it: from the moment when the last rank begins until the last one has it. Starting the processes is not in it, the runtime's
/// first compilation of the library's code is. To be started by <c>rdmacc run -n 8 --</c>; all ranks on one host, whose clock they share.
/// </summary>
internal static class StartUp
{
    public static int Measure()
    {
        long begun = Stopwatch.GetTimestamp();
        using Communicator world = Communicator.CreateAsync().GetAwaiter().GetResult();
        double own = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        double first = FromTheLastToTheLast(world, begun);

        world.Barrier();
        long split = Stopwatch.GetTimestamp();
        using Communicator second = world.Split(0, world.Rank)!;
        double again = FromTheLastToTheLast(world, split);
        if (world.Rank == 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ranks {world.WorldSize}  world {first:F1} ms  (rank 0 alone {own:F1} ms)  split {again:F1} ms  JIT {System.Runtime.JitInfo.GetCompilationTime().TotalMilliseconds:F0} ms for {System.Runtime.JitInfo.GetCompiledMethodCount()} methods  over {string.Join(", ", world.Transports.Select(transport => transport.Name))}"));
        }

        return 0;
    }

    private static double FromTheLastToTheLast(Communicator world, long begun)
    {
        long[] moments = [begun, Stopwatch.GetTimestamp()];
        world.AllReduce(moments, ReduceOp.Max);
        return Stopwatch.GetElapsedTime(moments[0], moments[1]).TotalMilliseconds;
    }
}
