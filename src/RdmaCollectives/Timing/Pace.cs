using System.Diagnostics;

namespace RdmaCollectives.Timing;

/// <summary>
/// Where a communicator gets its time from, and where its threads wait: the machine's, or that of a simulation in which time is a number and one thread runs at a time
/// (docs/simulation.md). A communicator reads no clock and blocks nowhere but here, as far as a group of ranks in one process goes.
/// </summary>
/// <remarks>All members may be called from any thread. One per process; a simulated process has one of its own.</remarks>
internal abstract class Pace
{
    /// <summary>The machine's.</summary>
    public static Pace Real { get; } = new RealPace();

    /// <summary>Whether time passes by itself. Code that waits in a way of its own (spinning, a futex, poll) does so here alone, and else calls <see cref="Idle"/>.</summary>
    public bool IsReal => ReferenceEquals(this, Real);

    /// <summary>Now, in the unit of <see cref="Stopwatch.GetTimestamp"/>; never 0.</summary>
    public abstract long Timestamp { get; }

    /// <summary>The time of day.</summary>
    public abstract DateTimeOffset UtcNow { get; }

    /// <summary>What has passed since a <see cref="Timestamp"/>.</summary>
    public TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp, Timestamp);

    /// <summary>As <see cref="Thread.Sleep(TimeSpan)"/>.</summary>
    public abstract void Sleep(TimeSpan time);

    /// <summary>
    /// For a loop that looks at something again and again and was not satisfied: waits until it may have changed, or up to <paramref name="longest"/>. The machine's waits a millisecond, a simulation until
    /// something happens to this process.
    /// </summary>
    public abstract void Idle(TimeSpan longest);

    /// <summary>Ends what waits in <see cref="Idle"/> in this process.</summary>
    public abstract void Wake();

    /// <summary>As <see cref="Monitor.Wait(object, TimeSpan)"/>, with the lock on <paramref name="gate"/>; may return early.</summary>
    public abstract void Wait(object gate, TimeSpan longest);

    /// <summary>As <see cref="Monitor.PulseAll"/>, with the lock on <paramref name="gate"/>.</summary>
    public abstract void PulseAll(object gate);

    /// <summary>Starts a thread of the library, which lives until the process ends.</summary>
    public abstract void Start(string name, Action body);
}
