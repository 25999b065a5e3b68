using System.Buffers.Binary;
using System.Diagnostics;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Tests.Diagnostics;

public class ClockExchangeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(5_000_000_000)]
    [InlineData(-7_000_000_000_000)]
    public void Measure_AClockThatIsAhead_WithinHalfTheRoundTrip(long ahead)
    {
        var exchange = new ClockExchange(Pace.Real);
        ClockOffset? offset = exchange.Measure(3, question => Answer(exchange, question, ahead), () => false, TimeSpan.FromSeconds(10));
        Assert.NotNull(offset);
        Assert.Equal(3, offset.Value.Rank);
        Assert.InRange(offset.Value.Nanoseconds - ahead, -offset.Value.RoundTrip, offset.Value.RoundTrip);
        Assert.InRange(offset.Value.RoundTrip, 0, 1_000_000_000);
    }

    [Fact]
    public void Measure_NoAnswer_EndsInTime()
    {
        long start = Stopwatch.GetTimestamp();
        Assert.Null(new ClockExchange(Pace.Real).Measure(1, _ => true, () => false, TimeSpan.FromMilliseconds(50)));
        Assert.Null(new ClockExchange(Pace.Real).Measure(1, _ => false, () => false, TimeSpan.FromSeconds(60)));
        Assert.Null(new ClockExchange(Pace.Real).Measure(1, _ => true, () => true, TimeSpan.FromSeconds(60)));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Measure_AnAnswerToAnEarlierQuestionOrNonsense_IsNone()
    {
        var exchange = new ClockExchange(Pace.Real);
        bool Ask(ulong question)
        {
            exchange.PutAnswer(question - 1, exchange.Answer());
            exchange.PutAnswer(question, [1, 2, 3]);
            return true;
        }

        Assert.Null(exchange.Measure(1, Ask, () => false, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void MeasureClock_OfARankInTheSameProcess_IsNothing()
    {
        ControlPlane[] planes = LocalLink.CreateGroup(2);
        ClockOffset? offset = planes[1].MeasureClock(0, TimeSpan.FromSeconds(10));
        Assert.InRange(offset!.Value.Nanoseconds, -offset.Value.RoundTrip, offset.Value.RoundTrip);
        planes[0].Leave();
        Assert.Null(planes[1].MeasureClock(0, TimeSpan.FromSeconds(10)));
    }

    private static bool Answer(ClockExchange exchange, ulong question, long ahead)
    {
        byte[] payload = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(payload, MonotonicClock.Now(Pace.Real) + ahead);
        exchange.PutAnswer(question, payload);
        return true;
    }
}
