using System.Diagnostics;

namespace RdmaCollectives.Tool.Perf;

/// <summary>Measures one run, size by size: first call, warm-up, timed calls, check. All ranks run the same calls in the same order; what they decide by time they decide by times that they agreed on.</summary>
internal sealed class Measurement
{
    private static readonly TimeSpan LeastWarmup = TimeSpan.FromMilliseconds(300);

    /// <summary>A machine that never comes to rest is measured as it is.</summary>
    private static readonly TimeSpan LongestWarmup = TimeSpan.FromSeconds(2);

    /// <summary>Shorter windows would be compared by the noise of the clock and the scheduler.</summary>
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(20);

    private readonly Communicator _communicator;
    private readonly PerfOptions _options;
    private readonly PerfRun _run;
    private readonly PerfBuffer _send;
    private readonly PerfBuffer _receive;
    private readonly Check _check;
    private readonly double[] _one = new double[1];
    private readonly double[] _calls;

    public Measurement(Communicator communicator, PerfOptions options, PerfRun run, PerfBuffer send, PerfBuffer receive)
    {
        (_communicator, _options, _run, _send, _receive) = (communicator, options, run, send, receive);
        _check = new Check(communicator, options.DataType, run.Collective.IsReducing ? options.Reduction : null);
        _calls = new double[options.Iterations];
    }

    /// <summary>All sizes, in all forms that were asked for.</summary>
    /// <param name="begin">Called before each size with its bytes.</param>
    /// <param name="report">Called after each size with its results.</param>
    public void Run(Action<long> begin, Action<IReadOnlyList<PerfResult>> report)
    {
        IReadOnlyList<Forms> forms = _run.Collective.FormsOf(_options.Placement);
        foreach (long bytes in _run.Sizes(_options, _communicator.WorldSize))
        {
            begin(bytes);
            report([.. forms.Select(form => Measure(bytes, form, isFurtherForm: form != forms[0]))]);
        }
    }

    private PerfResult Measure(long byteCount, Forms form, bool isFurtherForm)
    {
        using var one = new PerfCase(_communicator, _options, _run, byteCount, form, _send, _receive);
        _check.Fill(one);
        double first = Agree(Time(one, 1));
        long warmups = 1 + WarmUp(one, isFurtherForm ? TimeSpan.Zero : LeastWarmup);
        if (_options.Check)
        {
            Check.Poison(one);
        }

        TimeCalls(one);
        return new PerfResult
        {
            Collective = _run.Collective.Name,
            Bytes = byteCount,
            Elements = one.Block,
            Dtype = _options.DataType.ShortName(),
            Op = _run.Collective.IsReducing ? _options.Reduction.ShortName : PerfResult.NoReduction,
            Ranks = _communicator.WorldSize,
            Transport = _communicator.Transports.Count == 0 ? "none" : string.Join(',', _communicator.Transports.Select(transport => transport.Name)),
            Algorithm = _run.Algorithm ?? PerfResult.Auto,
            InPlace = one.IsInPlace,
            TimeUs = CallTimes.Of(first, _calls),
            Warmups = warmups,
            Wrong = _options.Check ? _check.Count(one) : null,
        };
    }

    /// <summary>Microseconds of some calls together, on this rank.</summary>
    private static double Time(PerfCase one, long calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < calls; i++)
        {
            one.NextTurn();
            one.Call();
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
    private long WarmUp(PerfCase one, TimeSpan least)
    {
        long calls = 0, window = Math.Max(1, _options.Warmups);
        double total = 0, last = 0;
        while (true)
        {
            double time = Agree(Time(one, window));
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
    private void TimeCalls(PerfCase one)
    {
        Agree(0); // all begin together
        for (int i = 0; i < _calls.Length; i++)
        {
            _calls[i] = Time(one, 1);
        }

        _communicator.AllReduce<double>(_calls, ReduceOp.Max);
    }
}
