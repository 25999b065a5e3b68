using System.Diagnostics;

namespace RdmaCollectives.Tool.Perf;

/// <summary>Measures one size: first call, warm-up, timed calls, check. All ranks run the same calls in the same order; what they decide by time they decide by times that they agreed on.</summary>
internal sealed unsafe class Measurement
{
    private static readonly TimeSpan LeastWarmup = TimeSpan.FromMilliseconds(300);

    /// <summary>A machine that never comes to rest is measured as it is.</summary>
    private static readonly TimeSpan LongestWarmup = TimeSpan.FromSeconds(2);

    /// <summary>Shorter windows would be compared by the noise of the clock and the scheduler.</summary>
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(20);

    /// <summary>Calls with fresh input that are compared; the last of the timed calls is compared besides.</summary>
    private const int CheckedRounds = 2;

    private readonly Communicator _communicator;
    private readonly PerfOptions _options;
    private readonly PerfBuffer _send;
    private readonly PerfBuffer _receive;
    private readonly Pattern[] _patterns;
    private readonly double[] _one = new double[1];
    private readonly double[] _calls;

    public Measurement(Communicator communicator, PerfOptions options, PerfBuffer send, PerfBuffer receive)
    {
        (_communicator, _options, _send, _receive) = (communicator, options, send, receive);
        _patterns = [.. Enumerable.Range(0, 1 + CheckedRounds).Select(round => new Pattern(options.DataType, options.ReduceOp, communicator.Rank, communicator.WorldSize, round))];
        _calls = new double[options.Iterations];
    }

    public PerfResult Run(long byteCount, bool inPlace)
    {
        void* send = inPlace ? _receive.Address : _send.Address;
        nuint elements = (nuint)(byteCount / _options.DataType.ElementSize());
        _patterns[0].Fill(inPlace ? _receive : _send, byteCount);

        double first = Agree(Time(send, elements, 1));
        long warmups = 1 + WarmUp(send, elements, inPlace ? TimeSpan.Zero : LeastWarmup);
        if (_options.Check && !inPlace)
        {
            _receive.Fill(Pattern.Poison, byteCount);
        }

        TimeCalls(send, elements);
        return new PerfResult
        {
            Collective = "all_reduce",
            Bytes = byteCount,
            Elements = (long)elements,
            Dtype = _options.DataType.ShortName(),
            Op = _options.ReduceOp.ShortName(),
            Ranks = _communicator.WorldSize,
            Transport = _communicator.Transports.Count == 0 ? "none" : string.Join(',', _communicator.Transports.Select(transport => transport.Name)),
            Algorithm = "auto",
            InPlace = inPlace,
            TimeUs = CallTimes.Of(first, _calls),
            Warmups = warmups,
            Wrong = _options.Check ? Check(send, elements, byteCount, inPlace) : null,
        };
    }

    private void Call(void* send, nuint elements) => _communicator.AllReduce(send, _receive.Address, elements, _options.DataType, _options.ReduceOp);

    /// <summary>Microseconds of some calls together, on this rank.</summary>
    private double Time(void* send, nuint elements, long calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < calls; i++)
        {
            Call(send, elements);
        }

        return (Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency; // a TimeSpan would round to 0.1 us
    }

    /// <summary>The largest of all ranks.</summary>
    private double Agree(double value)
    {
        _one[0] = value;
        _communicator.AllReduce<double>(_one, ReduceOp.Max);
        return _one[0];
    }

    /// <summary>Until enough calls and time have passed and two windows in a row took the same time within 10%. Returns the number of calls.</summary>
    private long WarmUp(void* send, nuint elements, TimeSpan least)
    {
        long calls = 0, window = Math.Max(1, _options.Warmups);
        double total = 0, last = 0;
        while (true)
        {
            double time = Agree(Time(send, elements, window));
            double perCall = time / window;
            calls += window;
            total += time;
            bool steady = Math.Abs(perCall - last) <= 0.1 * last;
            last = perCall;
            if ((steady && total >= least.TotalMicroseconds) || total >= LongestWarmup.TotalMicroseconds)
            {
                return calls;
            }

            window = time < LeastWindow.TotalMicroseconds ? 2 * window : window;
        }
    }

    /// <summary>Times each call; then each call's time is that of its slowest rank.</summary>
    private void TimeCalls(void* send, nuint elements)
    {
        Agree(0); // all begin together
        for (int i = 0; i < _calls.Length; i++)
        {
            _calls[i] = Time(send, elements, 1);
        }

        _communicator.AllReduce<double>(_calls, ReduceOp.Max);
    }

    /// <summary>The elements that are wrong, over all ranks: of the last timed call (in place it has added up all calls, so nothing is known of it) and of calls with fresh input.</summary>
    private long Check(void* send, nuint elements, long byteCount, bool inPlace)
    {
        long[] wrong = [inPlace ? 0 : _patterns[0].CountWrong(_receive, byteCount)];
        foreach (Pattern pattern in _patterns.AsSpan(1))
        {
            _receive.Fill(Pattern.Poison, byteCount);
            pattern.Fill(inPlace ? _receive : _send, byteCount);
            Call(send, elements);
            wrong[0] += pattern.CountWrong(_receive, byteCount);
        }

        _communicator.AllReduce<long>(wrong, ReduceOp.Sum);
        return wrong[0];
    }
}
