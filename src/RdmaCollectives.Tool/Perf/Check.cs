using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Tool.Perf;

/// <summary>Whether results are exactly right: every element that a rank has to have, and that nothing was written behind them.</summary>
internal sealed unsafe class Check
{
    /// <summary>Calls with fresh input that are compared; out of place the last of the timed calls is compared besides.</summary>
    private const int FreshRounds = 2;

    /// <summary>Barriers that are looked at, each with another rank that comes late.</summary>
    private const int MostLateRanks = 8;

    private readonly Communicator _communicator;
    private readonly Pattern[] _patterns;
    private readonly long[] _one = new long[1];

    public Check(Communicator communicator, DataType type, PerfReduction? reduction)
    {
        _communicator = communicator;
        _patterns = [.. Enumerable.Range(0, 1 + FreshRounds).Select(round => new Pattern(type, reduction, communicator.Rank, communicator.WorldSize, round))];
    }

    /// <summary>The input of the timed calls, of every turn that a rank may give something in. In place only the first turn's: what others leave there is input too.</summary>
    public void Fill(PerfCase one) => _patterns[0].Fill(one.Send, one.IsInPlace ? one.SendCount : one.Total);

    /// <summary>Makes the receive buffer wrong. In place it is the input, and stays.</summary>
    public static void Poison(PerfCase one)
    {
        if (!one.IsInPlace)
        {
            NativeMemory.Fill(one.Buffer, (nuint)(one.Total * one.ElementSize), Pattern.Poison);
        }
    }

    /// <summary>
    /// The elements that are wrong, over all ranks: of the last timed call (in place it began with the results of the call before, so nothing is known of it) and of calls with fresh input.
    /// Null: there is no way to tell.
    /// </summary>
    public long? Count(PerfCase one)
    {
        if (one.Total == 0)
        {
            return CountEarly(one);
        }

        long wrong = one.IsInPlace ? 0 : CountWrong(one, one.ExpectedOfTimed, _patterns[0]);
        foreach (Pattern pattern in _patterns.AsSpan(1))
        {
            one.NextTurn();
            NativeMemory.Fill(one.Buffer, (nuint)(one.Total * one.ElementSize), Pattern.Poison);
            pattern.Fill(one.Send, one.SendCount);
            one.Call();
            wrong += CountWrong(one, one.Expected, pattern);
        }

        return Agree(wrong, ReduceOp.Sum);
    }

    private static long CountWrong(PerfCase one, IEnumerable<Piece> expected, Pattern pattern) => expected.Sum(piece => pattern.CountWrong(one.Receive, piece));

    /// <summary>Barriers that a rank left before the last one came. All processes of a host have one clock, so they can tell; ranks of several hosts cannot.</summary>
    private long? CountEarly(PerfCase one)
    {
        if (_communicator.LocalWorldSize != _communicator.WorldSize)
        {
            return null;
        }

        long early = 0;
        for (int late = 0; late < Math.Min(_communicator.WorldSize, MostLateRanks); late++)
        {
            Thread.Sleep(late == _communicator.Rank ? 2 : 0);
            long came = Stopwatch.GetTimestamp();
            one.Call();
            long left = Stopwatch.GetTimestamp();
            early += left < Agree(came, ReduceOp.Max) ? 1 : 0;
        }

        return Agree(early, ReduceOp.Sum);
    }

    private long Agree(long value, ReduceOp op)
    {
        _one[0] = value;
        _communicator.AllReduce<long>(_one, op);
        return _one[0];
    }
}
