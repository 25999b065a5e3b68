namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// One end of a measurement, from the comparison of the options to the last size. Per size both ends fill their memory, meet, run, exchange what they measured, and look at what has arrived;
/// before the first size they run a few messages that are not measured, as code is compiled at its first use.
/// </summary>
internal sealed class RawSession
{
    private const int MostWarmups = 64;
    private const long MostWarmupBytes = 16 << 20;

    private readonly RawEnd _end;
    private readonly PeerLink _link;
    private readonly ArrivedData _data;
    private readonly PreparedSends _sends;
    private readonly PreparedReceives? _receives;
    private readonly EmptyTurns _turns;
    private readonly BandwidthLoop _bandwidth;
    private readonly WriteLatencyLoop _writeLatency;
    private readonly SendLatencyLoop? _sendLatency;
    private readonly RoundTripLoop _roundTrips;
    private long _allocated;

    private RawSession(RawEnd end, PeerLink link)
    {
        (_end, _link) = (end, link);
        _data = new ArrivedData(end, link);
        _sends = new PreparedSends(end);
        _receives = end.Options.Test.Verb == RawVerb.Send ? new PreparedReceives(end) : null;
        _turns = new EmptyTurns(end, link);
        _bandwidth = new BandwidthLoop(end, link, _sends, _receives, _turns);
        _writeLatency = new WriteLatencyLoop(end, link, _sends, _turns);
        _sendLatency = _receives is null ? null : new SendLatencyLoop(end, link, _sends, _receives, _turns);
        _roundTrips = new RoundTripLoop(end, _sends, _turns);
    }

    private RawOptions Options => _end.Options;

    private RawTest Test => _end.Options.Test;

    /// <summary>Whether this end sends: the client does, and the server where messages go both ways.</summary>
    private bool Sends => !_link.IsServer || Test.IsPingPong || Options.IsBidirectional;

    private bool OtherSends => _link.IsServer || Test.IsPingPong || Options.IsBidirectional;

    /// <summary>Measures all sizes with the other end of <paramref name="link"/>.</summary>
    /// <param name="end">What this end has, not connected yet.</param>
    /// <param name="link">The way to the other end; it is told when this end fails.</param>
    /// <param name="connected">Called once the queue pairs are connected.</param>
    /// <param name="report">Gets each size's result; null where only the other end has one.</param>
    public static void Run(RawEnd end, PeerLink link, Action connected, Action<long, RawResult?> report)
    {
        try
        {
            Agree(end.Options, link);
            link.Send(FrameKind.Ends, end.Describe().Write());
            end.Connect(link.Receive(FrameKind.Ends, body => PeerEnds.Read(body, end.Options.QueuePairs)));
            var session = new RawSession(end, link);
            connected();
            session.MeasureAll(report);
        }
        catch (Exception e)
        {
            link.TellFailure(Failure.Message(e));
            throw;
        }
    }

    private static void Agree(RawOptions options, PeerLink link)
    {
        var own = PeerHello.Of(options);
        link.Send(FrameKind.Hello, own.Write());
        if (own.Difference(link.Receive(FrameKind.Hello, body => PeerHello.Read(body))) is { } difference)
        {
            throw ToolException.BadArguments($"the two ends differ: {difference} ({link.Name}). Start both with the same test, options and version.");
        }
    }

    private void MeasureAll(Action<long, RawResult?> report)
    {
        _receives?.PostAll();
        long first = Options.Sizes[0];
        int warmups = (int)Math.Clamp(MostWarmupBytes / first, 1, MostWarmups);
        warmups = (warmups + Options.PostList - 1) / Options.PostList * Options.PostList;
        Measure(first, warmups, null, out _);
        foreach (long size in Options.Sizes)
        {
            RawResult? result = Measure(size, Options.Iterations, Options.Duration, out PeerResult other);
            report(size, result ?? (other.Bandwidth is { } figures ? RawResult.Of(_end, size, figures.Iterations, figures, null, _allocated) : null));
        }

        // Neither end goes before the other has looked at what arrived.
        _link.Meet();
    }

    /// <summary>One size. The result is null at an end that was only a target.</summary>
    private RawResult? Measure(long size, int iterations, TimeSpan? duration, out PeerResult other)
    {
        _data.Fill(size);
        _sends.Prepare(size);
        BandwidthTimes? times = Test.IsBandwidth ? new BandwidthTimes((long)iterations * Options.QueuePairs, Options.PostList, duration) : null;
        long[] posts = Test.IsBandwidth || !Sends ? [] : new long[iterations];
        _link.Meet();
        long own = RunLoop(size, iterations, times, posts);

        BandwidthFigures? figures = Sends ? times?.Figures() : null;
        _link.Send(FrameKind.Result, new PeerResult(own, figures).Write());
        other = _link.Receive(FrameKind.Result, body => PeerResult.Read(body), whileMeasuring: true);
        _data.Check(size, own, other.Operations);
        if (!Sends)
        {
            return null;
        }

        LatencyFigures? latency = posts.Length >= LatencyFigures.LeastTimes ? LatencyFigures.Of(posts, Test.IsPingPong) : null;
        BandwidthFigures? both = figures is { } mine && other.Bandwidth is { } theirs ? mine.With(theirs) : figures;
        return RawResult.Of(_end, size, both?.Iterations ?? iterations, both, latency, _allocated);
    }

    /// <summary>Returns the messages that this end has sent: 0 at a target, which in most tests has nothing to do.</summary>
    private long RunLoop(long size, int iterations, BandwidthTimes? times, long[] posts)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long sent = posts.Length;
        if (times is not null)
        {
            sent = _bandwidth.Run(Sends ? iterations : 0, OtherSends && _receives is not null ? iterations : 0, times);
        }
        else if (Test.Verb == RawVerb.Write)
        {
            _writeLatency.Run(size, posts);
        }
        else if (Test.Verb == RawVerb.Send)
        {
            _sendLatency!.Run(posts);
        }
        else
        {
            _roundTrips.Run(posts);
        }

        _allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return sent;
    }
}
