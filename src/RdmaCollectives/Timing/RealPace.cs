using System.Diagnostics;

namespace RdmaCollectives.Timing;

/// <summary>The machine's clock and threads.</summary>
internal sealed class RealPace : Pace
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>More than any wait that is meant to end, and less than what the runtime takes.</summary>
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public override long Timestamp => Stopwatch.GetTimestamp();

    public override DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    public override void Sleep(TimeSpan time) => Thread.Sleep(time);

    public override void Idle(TimeSpan longest) => Thread.Sleep(longest < Moment ? longest : Moment);

    public override void Wake()
    {
    }

    public override void Wait(object gate, TimeSpan longest) => Monitor.Wait(gate, longest < Day ? longest : Day);

    public override void PulseAll(object gate) => Monitor.PulseAll(gate);

    public override void Start(string name, Action body) => new Thread(() => body()) { IsBackground = true, Name = name }.Start();
}
