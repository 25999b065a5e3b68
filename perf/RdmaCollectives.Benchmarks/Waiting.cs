using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// What waiting costs two ranks of one kernel, with the mode that RDMACC_WAIT names: the time of an 8 B all-reduce, and then rank 0 is late for a barrier again and again: the processor that rank 1 takes while it waits for it, and how long after rank 0's call
/// it goes on. The clock is one for both.
/// </summary>
internal static class Waiting
{
    private const int Calls = 500;
    private const int Windows = 41;

    /// <param name="args">How late, in milliseconds, and how often; both may be left out.</param>
    public static int Measure(ReadOnlySpan<string> args)
    {
        int late = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500;
        int times = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 9;
        using Communicator communicator = Communicator.Create();
        double calls = MicrosecondsOfACall(communicator);
        double[] shares = new double[times], wakes = new double[times];
        long[] moments = new long[2];
        for (int i = 0; i < times; i++)
        {
            communicator.Barrier();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long begun = Stopwatch.GetTimestamp();
            if (communicator.Rank == 0)
            {
                Thread.Sleep(late);
                moments[0] = Stopwatch.GetTimestamp();
            }

            communicator.Barrier();
            moments[1] = Stopwatch.GetTimestamp();
            shares[i] = 100 * (Environment.CpuUsage.TotalTime - used) / Stopwatch.GetElapsedTime(begun);
            communicator.Broadcast<long>(moments.AsSpan(0, 1), root: 0);
            wakes[i] = Stopwatch.GetElapsedTime(moments[0], moments[1]).TotalMicroseconds;
        }

        if (communicator.Rank == 1)
        {
            string mode = Environment.GetEnvironmentVariable("RDMACC_WAIT") ?? "adaptive";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{communicator.Transports[0].Name,-6} {mode,-8}  8 B: {calls,8:0.00} us  waiting: {Sample.Median(shares),5:0.0} % of a processor ({shares.Min():0.0} to {shares.Max():0.0})  goes on after: {Sample.Median(wakes),6:0} us ({wakes.Min():0} to {wakes.Max():0})"));
        }

        return 0;
    }

    private static double MicrosecondsOfACall(Communicator communicator)
    {
        float[] values = new float[2];
        double[] windows = new double[Windows];
        for (int window = -Windows / 4; window < Windows; window++) // a quarter more, to warm up
        {
            double nanoseconds = Sample.Time(() => communicator.AllReduce<float>(values, ReduceOp.Max), Calls);
            if (window >= 0)
            {
                windows[window] = nanoseconds / 1000;
            }
        }

        return Sample.Median(windows);
    }
}
