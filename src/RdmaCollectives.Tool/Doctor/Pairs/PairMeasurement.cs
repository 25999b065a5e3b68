using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>
/// Two ranks measure what is between them, by Send and Receive alone. The lower rank leads: it finds out how long one turn takes, and says how many are timed, so that a slow link takes no longer than a quick one.
/// </summary>
internal sealed class PairMeasurement(Communicator communicator)
{
    private const int SmallBytes = 8;
    private const int LargeBytes = 1 << 20;
    private const int WarmTurns = 10;
    private const int FewestTurns = 10;
    private const int MostTurns = 1000;
    private const int MostMessages = 64;
    private const int Repeats = 3;

    /// <summary>For each of the three figures.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);

    private readonly byte[] _small = new byte[SmallBytes];
    private readonly byte[] _large = new byte[LargeBytes];

    /// <summary>Both ranks of a pair call this, and both get what was measured.</summary>
    public PairRow Measure(int low, int high, string transport)
    {
        bool leads = communicator.Rank == low;
        int peer = leads ? high : low;
        double latency = Latency(peer, leads);
        double forward = Bandwidth(peer, sends: leads);
        double backward = Bandwidth(peer, sends: !leads);
        return new PairRow { Low = low, High = high, Transport = transport, LatencyUs = latency, ForwardGBps = forward, BackwardGBps = backward };
    }

    private double Latency(int peer, bool leads)
    {
        for (int turn = 0; turn < WarmTurns; turn++)
        {
            Turn(peer, leads);
        }

        double oneTurn = Median([.. Enumerable.Range(0, WarmTurns).Select(_ => Turn(peer, leads))]);
        int turns = Agree(peer, leads, (int)Math.Clamp(Budget.TotalSeconds / oneTurn, FewestTurns, MostTurns));
        double[] times = new double[turns];
        for (int turn = 0; turn < turns; turn++)
        {
            times[turn] = Turn(peer, leads);
        }

        return Agree(peer, leads, Median(times) / 2 * 1e6);
    }

    /// <summary>There and back, in seconds.</summary>
    private double Turn(int peer, bool leads)
    {
        long start = Stopwatch.GetTimestamp();
        if (leads)
        {
            communicator.Send<byte>(_small, peer);
            communicator.Receive<byte>(_small, peer);
        }
        else
        {
            communicator.Receive<byte>(_small, peer);
            communicator.Send<byte>(_small, peer);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private double Bandwidth(int peer, bool sends)
    {
        double one = Stream(peer, sends, 1);
        one = Math.Min(one, Stream(peer, sends, 1));
        int messages = Agree(peer, sends, (int)Math.Clamp(Budget.TotalSeconds / Repeats / one, 1, MostMessages));
        double seconds = Enumerable.Range(0, Repeats).Min(_ => Stream(peer, sends, messages)); // what else runs makes one slower, and none quicker
        return Agree(peer, sends, (double)messages * LargeBytes / seconds / 1e9);
    }

    /// <summary>So many large messages one way, and a small one back when they have arrived; in seconds, on the side that sends.</summary>
    private double Stream(int peer, bool sends, int messages)
    {
        long start = Stopwatch.GetTimestamp();
        for (int message = 0; message < messages; message++)
        {
            if (sends)
            {
                communicator.Send<byte>(_large, peer);
            }
            else
            {
                communicator.Receive<byte>(_large, peer);
            }
        }

        if (sends)
        {
            communicator.Receive<byte>(_small, peer);
        }
        else
        {
            communicator.Send<byte>(_small, peer);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The value of the one side for both.</summary>
    private T Agree<T>(int peer, bool tells, T value)
        where T : unmanaged
    {
        Span<T> one = MemoryMarshal.CreateSpan(ref value, 1);
        if (tells)
        {
            communicator.Send<T>(one, peer);
        }
        else
        {
            communicator.Receive(one, peer);
        }

        return value;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
