using System.Diagnostics;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Tests.Diagnostics;

public class FlightRecorderTests
{
    [Fact]
    public void Read_MoreCallsThanPlaces_TheLastOnesInTheirOrder()
    {
        var recorder = new FlightRecorder(16, 4, Pace.Real);
        for (ulong sequence = 1; sequence <= 37; sequence++)
        {
            recorder.Begin(CallOf(sequence), "ring", (long)sequence);
            recorder.End(FlightOutcome.Completed, atOnce: true, Pace.Real.Timestamp);
        }

        List<FlightEntry> entries = recorder.Read();
        Assert.Equal(Enumerable.Range(22, 16).Select(n => (ulong)n), entries.Select(entry => entry.Number));
        Assert.Equal(Enumerable.Range(22, 16).Select(n => (ulong)n), entries.Select(entry => entry.Call.Sequence));
        Assert.Equal(37ul, recorder.Count);
        Assert.All(entries, entry => Assert.Equal((FlightOutcome.Completed, "ring"), (entry.Outcome, entry.Algorithm)));
    }

    [Fact]
    public void Read_ACallThatRuns_HasNoEndYet()
    {
        var recorder = new FlightRecorder(16, 4, Pace.Real);
        recorder.Begin(CallOf(1), "tree", 100);
        recorder.End(FlightOutcome.Failed, atOnce: true, Pace.Real.Timestamp);
        recorder.Begin(CallOf(2), null, 200);
        FlightEntry[] entries = [.. recorder.Read()];
        Assert.Equal((FlightOutcome.Failed, FlightOutcome.Running), (entries[0].Outcome, entries[1].Outcome));
        Assert.True(entries[0].Ended > 100);
        Assert.Equal((200, 0, 0, -1), (entries[1].Entered, entries[1].FirstByte, entries[1].Ended, entries[1].AwaitedRank));
        Assert.Null(entries[1].Algorithm);
    }

    [Fact]
    public void Moved_InTheFirstPass_IsAtTheEntry()
    {
        var recorder = new FlightRecorder(16, 4, Pace.Real);
        recorder.Begin(CallOf(1), "ring", 100);
        recorder.Moved(atOnce: true);
        recorder.Moved(atOnce: false);
        Assert.Equal(100, Assert.Single(recorder.Read()).FirstByte);
    }

    [Fact]
    public void Moved_AfterAWait_IsLater()
    {
        var recorder = new FlightRecorder(16, 4, Pace.Real);
        long entry = Stopwatch.GetTimestamp();
        recorder.Begin(CallOf(1), "ring", entry);
        recorder.Waiting(3, Stopwatch.GetTimestamp());
        recorder.Moved(atOnce: false);
        recorder.End(FlightOutcome.Completed, atOnce: false, Pace.Real.Timestamp);
        FlightEntry call = Assert.Single(recorder.Read());
        Assert.True(call.FirstByte > entry && call.FirstByte <= call.Ended, $"{entry} {call.FirstByte} {call.Ended}");
        Assert.Equal((3, call.FirstByte - entry), (call.AwaitedRank, call.Waited));
    }

    [Fact]
    public void Waiting_ForSeveral_TheOneWithTheLongestSumIsNamed()
    {
        var recorder = new FlightRecorder(16, 4, Pace.Real);
        long entry = Stopwatch.GetTimestamp() - 1_000_000;
        recorder.Begin(CallOf(1), "ring", entry);
        recorder.Moved(atOnce: true);
        recorder.Waiting(1, entry);
        recorder.Waiting(1, entry + 300);
        recorder.Waiting(2, entry + 500);
        recorder.Waiting(-1, entry + 900); // for nobody in particular
        Assert.Equal((1, 300L), Longest(recorder));
        recorder.Waiting(2, entry + 1050);
        Assert.Equal((2, 350L), Longest(recorder));

        // Each call has its own account.
        recorder.End(FlightOutcome.Completed, atOnce: false, Pace.Real.Timestamp);
        recorder.Begin(CallOf(2), "ring", entry);
        recorder.Waiting(1, entry + 10);
        Assert.Equal((1, 10L), Longest(recorder));
    }

    private static (int Rank, long Ticks) Longest(FlightRecorder recorder) => (recorder.Read()[^1].AwaitedRank, recorder.Read()[^1].Waited);

    /// <summary>With one place every write is into what is being read. It goes on until the writer was at work during a good many looks, as two threads of a busy machine seldom run side by side.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Read_WhileAnotherThreadWrites_NeverGetsATornEntry(int capacity)
    {
        const int EnoughSideBySide = 100_000;
        var recorder = new FlightRecorder(capacity, 4, Pace.Real);
        bool stop = false;
        string[] names = [.. Enumerable.Range(0, 7).Select(i => $"algorithm {i}")];
        var writer = new Thread(() =>
        {
            for (ulong sequence = 1; !Volatile.Read(ref stop); sequence++)
            {
                recorder.Begin(CallOf(sequence), names[sequence % 7], (long)sequence);
                recorder.Waiting((int)(sequence % 4), (long)sequence * 2);
                recorder.Moved(atOnce: false);
                recorder.End(FlightOutcome.Completed, atOnce: false, Pace.Real.Timestamp);
            }
        });
        writer.Start();
        long seen = 0;
        int sideBySide = 0;
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (sideBySide < EnoughSideBySide && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5))
            {
                ulong earlier = 0;
                ulong before = recorder.Count;
                foreach (FlightEntry entry in recorder.Read())
                {
                    ulong n = entry.Number;
                    Assert.True(n > earlier, "The order is lost.");
                    earlier = n;
                    seen++;
                    Assert.Equal((n, n * 3, (long)n, names[n % 7]), (entry.Call.Sequence, entry.Call.ElementCount, entry.Entered, entry.Algorithm));
                    Assert.True(entry.AwaitedRank == -1 || (entry.AwaitedRank == (int)(n % 4) && entry.Waited >= (long)n), $"{entry.AwaitedRank} {entry.Waited} in {n}");
                    Assert.Equal(entry.Outcome == FlightOutcome.Running, entry.Ended == 0);
                }

                sideBySide += recorder.Count != before ? 1 : 0;
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            writer.Join();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{seen} entries in {sideBySide} looks beside the writer, {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
        Assert.True(seen > 100, $"Only {seen} entries were looked at.");
    }

    private static CallDescription CallOf(ulong sequence) => new()
    {
        Kind = CallKind.AllReduce,
        DataType = (byte)DataType.Float32,
        ReduceOp = (byte)ReduceOp.Sum,
        ElementSize = 4,
        ElementCount = sequence * 3,
        Sequence = sequence,
    };
}
