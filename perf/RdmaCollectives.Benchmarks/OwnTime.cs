using System.Globalization;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// What a small all-reduce of two ranks, or a send and receive between them, costs beyond the memory traffic: windows of calls, and windows of the same exchange by hand over two flags (<see cref="FlagExchange"/>), in turns and in the same processes. A window counts
/// with the time of its slower rank. Prints the medians, and the median of the differences.
/// </summary>
internal static class OwnTime
{
    private const int Calls = 2000;

    /// <param name="args">Bytes of a call, pairs of windows, and <c>sendrecv</c> in place of an all-reduce; all may be left out.</param>
    public static int Measure(ReadOnlySpan<string> args)
    {
        int bytes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 8;
        int pairs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 201;
        bool transfers = args.Length > 2;
        if (transfers && (args[2] != "sendrecv" || bytes > FlagExchange.MostBytes))
        {
            Console.Error.WriteLine(args[2] != "sendrecv" ? $"'{args[2]}' cannot be timed so: sendrecv, or nothing for an all-reduce." : $"{bytes} bytes are too many: a send and receive by hand takes {FlagExchange.MostBytes} at most.");
            return 2;
        }

        using Communicator communicator = Communicator.Create();
        if (communicator.WorldSize != 2)
        {
            Console.Error.WriteLine($"This takes 2 ranks, and there are {communicator.WorldSize}. Start it by: rdmacc run -n 2 -- RdmaCollectives.Benchmarks --own-time");
            return 2;
        }

        using var flags = new FlagExchange(communicator);
        float[] send = new float[bytes / sizeof(float)], receive = new float[bytes / sizeof(float)];
        int peer = 1 - communicator.Rank;
        Action call = transfers
            ? () => communicator.SendReceive<float>(send, peer, receive, peer)
            : () => communicator.AllReduce<float>(send, receive, ReduceOp.Sum);
        Action byHandCall = transfers
            ? () => flags.SendReceive(MemoryMarshal.AsBytes<float>(send), MemoryMarshal.AsBytes(receive.AsSpan()))
            : () => flags.AllReduce(1);
        double[] ours = new double[pairs], byHand = new double[pairs], slower = new double[2];
        for (int pair = -pairs / 4; pair < pairs; pair++) // a quarter more, to warm up
        {
            slower[0] = Sample.Time(call, Calls);
            slower[1] = Sample.Time(byHandCall, Calls);
            communicator.AllReduce<double>(slower, ReduceOp.Max);
            if (pair >= 0)
            {
                (ours[pair], byHand[pair]) = (slower[0], slower[1]);
            }
        }

        if (communicator.Rank == 0)
        {
            double[] differences = [.. ours.Zip(byHand, static (library, exchange) => library - exchange)];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} B: {(transfers ? "send and receive" : "all-reduce")} {Sample.Median(ours):0} ns, by hand {Sample.Median(byHand):0} ns, own time {Sample.Median(differences):0} ns (medians of {pairs} pairs of {Calls} calls)"));
        }

        return 0;
    }
}
