using System.Buffers.Binary;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// Compares this rank's clock with another's: a question, the other's time, and our time when the answer is here. The best of some tries is the one with the shortest round trip, since half of that bounds
/// its error. The other side answers on its control thread, in whatever state its program is.
/// </summary>
internal sealed class ClockExchange(Pace pace)
{
    private const int Tries = 8;
    private const long LongestTurn = 10_000_000;

    private readonly Lock _turn = new();
    private readonly object _gate = new();
    private ulong _asked;
    private ulong _answered;
    private long _theirs;
    private long _arrived;

    /// <summary>Null when no answer came in time.</summary>
    /// <param name="peer">Whose clock.</param>
    /// <param name="ask">Sends the question of this number; false where that goes no more.</param>
    /// <param name="isGone">The peer will not answer any more.</param>
    /// <param name="timeout">For all tries together.</param>
    public ClockOffset? Measure(int peer, Func<ulong, bool> ask, Func<bool> isGone, TimeSpan timeout)
    {
        lock (_turn)
        {
            long deadline = MonotonicClock.Now(pace) + (long)(timeout.TotalMilliseconds * 1e6);
            ClockOffset? best = null;
            for (int attempt = 0; attempt < Tries; attempt++)
            {
                ulong question = ++_asked;
                long sent = MonotonicClock.Now(pace);
                if (isGone() || !ask(question) || !TryAwait(question, isGone, deadline, out long theirs, out long arrived))
                {
                    break;
                }

                long roundTrip = arrived - sent;
                if (best is not { } shortest || roundTrip < shortest.RoundTrip)
                {
                    best = new ClockOffset(peer, theirs - (sent + (roundTrip / 2)), roundTrip, arrived);
                }
            }

            return best;
        }
    }

    /// <summary>An answer has come; on the control thread, so that its time is not that of a thread that was woken later. One that makes no sense is as good as none.</summary>
    public void PutAnswer(ulong question, ReadOnlySpan<byte> payload)
    {
        long now = MonotonicClock.Now(pace);
        if (payload.Length != sizeof(long))
        {
            return;
        }

        lock (_gate)
        {
            (_answered, _theirs, _arrived) = (question, BinaryPrimitives.ReadInt64LittleEndian(payload), now);
            pace.PulseAll(_gate);
        }
    }

    /// <summary>What to answer.</summary>
    public byte[] Answer()
    {
        byte[] payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, MonotonicClock.Now(pace));
        return payload;
    }

    private bool TryAwait(ulong question, Func<bool> isGone, long deadline, out long theirs, out long arrived)
    {
        lock (_gate)
        {
            while (_answered != question)
            {
                long left = deadline - MonotonicClock.Now(pace);
                if (left <= 0 || isGone())
                {
                    (theirs, arrived) = (0, 0);
                    return false;
                }

                pace.Wait(_gate, left < LongestTurn ? TimeSpan.FromMicroseconds(1 + (left / 1000)) : TimeSpan.FromMilliseconds(10)); // a peer that goes wakes nobody here
            }

            (theirs, arrived) = (_theirs, _arrived);
            return true;
        }
    }
}
