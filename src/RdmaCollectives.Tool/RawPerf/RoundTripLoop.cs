using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>The loop of ib_read_lat and ib_atomic_lat: post one, wait for its completion, post the next. The other end does nothing.</summary>
internal sealed class RoundTripLoop(RawEnd end, PreparedSends sends, EmptyTurns turns)
{
    private readonly WorkCompletion[] _completion = new WorkCompletion[1];

    /// <param name="posts">Gets the time of each post; as many messages are sent as fit.</param>
    public void Run(Span<long> posts)
    {
        turns.Moved();
        for (int sent = 0; sent < posts.Length; sent++)
        {
            posts[sent] = Stopwatch.GetTimestamp();
            sends.Post(0, sent, posts.Length);
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
}
