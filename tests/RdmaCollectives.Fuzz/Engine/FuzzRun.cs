using System.Diagnostics;
using RdmaCollectives.Fuzz.Coverage;

namespace RdmaCollectives.Fuzz.Engine;

/// <summary>
/// Feeds one parser with valid, mutated and spliced messages, and looks after each that it was dealt with in the declared way, in time and without much memory. The same seed gives the same inputs
/// (where coverage is measured: with the same corpus).
/// </summary>
internal sealed class FuzzRun
{
    /// <summary>The longest that one input may take; looked at again before it is a finding, since the machine may have been busy with something else.</summary>
    public static readonly TimeSpan InputTime = TimeSpan.FromMilliseconds(100);

    private const int MostFindings = 5;
    private const int RecentLength = 64;

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _corpus;
    private readonly CoverageMap? _coverage;
    private readonly byte[][] _recent = new byte[RecentLength][];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public FuzzRun(FuzzTarget target, int seed, IEnumerable<byte[]> corpus, CoverageMap? coverage = null)
    {
        _target = target;
        _random = new Random(HashCode(target.Name, seed));
        _mutator = new Mutator(_random);
        _corpus = [.. corpus];
        _coverage = coverage;
        Array.Fill(_recent, []);
    }

    public long Inputs { get; private set; }

    public long Accepted { get; private set; }

    public long LargestAllocation { get; private set; }

    public TimeSpan Longest { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public List<Finding> Findings { get; } = [];

    /// <summary>Inputs that reached code which none before had reached.</summary>
    public List<byte[]> Discoveries { get; } = [];

    /// <summary>Runs the corpus, then so many inputs; ends early after several findings, or when <paramref name="until"/> has come.</summary>
    public void Run(long inputs, DateTime? until = null)
    {
        var clock = Stopwatch.StartNew();
        using var watchdog = new Watchdog(_target.Name);
        foreach (byte[] entry in _corpus.ToArray())
        {
            Feed(entry, mustTake: false, watchdog);
        }

        for (long i = 0; i < inputs && Findings.Count < MostFindings; i++)
        {
            if ((i & 0xFFF) == 0 && DateTime.UtcNow >= until)
            {
                break;
            }

            byte[]? input = Next(out bool isSample);
            if (input is not null)
            {
                Feed(input, isSample && _target.TakesItsSamples, watchdog);
            }
        }

        Elapsed = clock.Elapsed;
    }

    private byte[]? Next(out bool isSample)
    {
        isSample = false;
        int kind = _random.Next(20);
        if (kind < 3 && _corpus.Count > 0)
        {
            return _mutator.Mutate(new Sample(_corpus[_random.Next(_corpus.Count)], []), _recent[_random.Next(RecentLength)]);
        }

        Sample sample;
        try
        {
            sample = _target.Generate(_random);
        }
        catch (Exception e)
        {
            Note(e, []);
            return null;
        }

        byte[] other = _recent[_random.Next(RecentLength)];
        _recent[_random.Next(RecentLength)] = sample.Bytes;
        isSample = kind == 19;
        return isSample ? sample.Bytes : _mutator.Mutate(sample, other);
    }

    private void Feed(byte[] input, bool mustTake, Watchdog watchdog)
    {
        Inputs++;
        _target.Prepare();
        watchdog.Begin(input);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        try
        {
            Outcome outcome = _target.Run(input);
            Accepted += outcome == Outcome.Accepted ? 1 : 0;
            if (mustTake && outcome != Outcome.Accepted)
            {
                throw new BrokenInvariantException("a valid message was refused");
            }

            Measure(input, GC.GetAllocatedBytesForCurrentThread() - allocated, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception e)
        {
            Note(e, input);
        }
        finally
        {
            watchdog.End();
        }

        if (_coverage is not null && _coverage.TakeNews())
        {
            Discoveries.Add(input);
            _corpus.Add(input);
        }
    }

    private void Measure(byte[] input, long allocated, TimeSpan time)
    {
        LargestAllocation = Math.Max(LargestAllocation, allocated);
        if (allocated > _target.AllocationBound(input.Length))
        {
            throw new BrokenInvariantException($"{allocated} bytes were allocated for an input of {input.Length}");
        }

        for (int retry = 0; time > InputTime && retry < 3; retry++)
        {
            _target.Prepare();
            long start = Stopwatch.GetTimestamp();
            _target.Run(input);
            time = TimeSpan.FromTicks(Math.Min(time.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        Longest = time > Longest ? time : Longest;
        if (time > InputTime)
        {
            throw new BrokenInvariantException($"it took {time.TotalMilliseconds:0} ms");
        }
    }

    // One of a kind is enough: the first line of the stack tells kinds apart.
    private void Note(Exception e, byte[] input)
    {
        string place = e is BrokenInvariantException ? "" : (e.StackTrace ?? "").Split('\n')[0].Trim();
        string what = e is BrokenInvariantException ? e.Message : $"{e.GetType().Name}: {e.Message} {place}";
        string kind = e is BrokenInvariantException ? string.Concat(e.Message.TakeWhile(c => !char.IsAsciiDigit(c))) : e.GetType().Name + place;
        if (_known.Add(kind))
        {
            Findings.Add(new Finding(_target.Name, what, input, Inputs));
        }
    }

    // string.GetHashCode differs from run to run.
    private static int HashCode(string name, int seed) => name.Aggregate(seed, static (hash, c) => unchecked((hash * 31) + c));
}
