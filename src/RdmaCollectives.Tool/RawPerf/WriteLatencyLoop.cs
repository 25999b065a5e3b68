using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// The ping-pong of ib_write_lat: each end writes its message, and polls the last byte of its own memory until the other's has changed it. That takes for granted that a message's last byte is
/// written last, which the specification does not promise; the library itself never does that (it polls completions, or lines with a check word), and this loop does so only to measure what perftest measures.
/// </summary>
internal sealed unsafe class WriteLatencyLoop(RawEnd end, PeerLink link, PreparedSends sends, EmptyTurns turns)
{
    private readonly WorkCompletion[] _completion = new WorkCompletion[1];

    /// <param name="size">Bytes of a message.</param>
    /// <param name="posts">Gets the time of each post; as many messages are sent as fit.</param>
    public void Run(long size, Span<long> posts)
    {
        turns.Moved();
        int iterations = posts.Length;
        fixed (byte* outgoing = end.Outgoing(0, size), incoming = end.Incoming(0, size))
        {
            byte* toSend = outgoing + size - 1, arriving = incoming + size - 1;
            int received = 0;
            for (int sent = 0; sent < iterations || received < iterations;)
            {
                if (received < iterations && !(sent == 0 && link.IsServer))
                {
                    received++;
                    while (Volatile.Read(ref *arriving) != (byte)received)
                    {
                        turns.Turn();
                    }

                    turns.Moved();
                }

                if (sent < iterations)
                {
                    posts[sent] = Stopwatch.GetTimestamp();
                    *toSend = (byte)(sent + 1);
                    sends.Post(0, sent, iterations);
                    sent++;
                    AwaitCompletion();
                }
            }
        }
    }

    private void AwaitCompletion()
    {
        while (end.SendCompletions.Poll(_completion) == 0)
        {
            turns.Turn();
        }

        turns.Moved();
        if (!_completion[0].IsSuccess)
        {
            FailedCompletion.Throw(end, _completion[0], end.Options.Test.Operation);
        }
    }
}
