using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>The ping-pong of ib_send_lat: each end waits for the completion of a receive, posts that receive again, and sends.</summary>
internal sealed class SendLatencyLoop(RawEnd end, PeerLink link, PreparedSends sends, PreparedReceives receives, EmptyTurns turns)
{
    private readonly WorkCompletion[] _completion = new WorkCompletion[1];

    /// <param name="posts">Gets the time of each post; as many messages are sent as fit.</param>
    public void Run(Span<long> posts)
    {
        turns.Moved();
        int iterations = posts.Length, received = 0;
        for (int sent = 0; sent < iterations || received < iterations;)
        {
            if (received < iterations && !(sent == 0 && !link.IsServer))
            {
                Await(end.ReceiveCompletions, "receive");
                received++;
                receives.Post(0);
            }

            if (sent < iterations)
            {
                posts[sent] = Stopwatch.GetTimestamp();
                sends.Post(0, sent, iterations);
                sent++;
                Await(end.SendCompletions, "send");
            }
        }
    }

    private void Await(CompletionQueueLease queue, string operation)
    {
        while (queue.Poll(_completion) == 0)
        {
            turns.Turn();
        }

        turns.Moved();
        if (!_completion[0].IsSuccess)
        {
            FailedCompletion.Throw(end, _completion[0], operation);
        }
    }
}
