namespace RdmaCollectives.Tool.Launching;

/// <summary>What an elastic job does when a rank fails: goes on, starts another process in its place after a while, or ends. The waits between restarts double, so that a program that cannot run does not start for ever.</summary>
/// <param name="least">With fewer living ranks the job ends.</param>
/// <param name="restarts">How many processes may be started in place of failed ones.</param>
internal sealed class Elasticity(int least, int restarts)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly List<DateTime> _starts = [];
    private TimeSpan _wait = FirstWait;

    /// <summary>Fewer than these and the job ends.</summary>
    public int Least => least;

    /// <summary>How many restarts are left, those that are planned not among them.</summary>
    public int RestartsLeft { get; private set; } = restarts;

    /// <summary>Whether a process is going to be started.</summary>
    public bool IsAwaited => _starts.Count > 0;

    /// <summary>When the next process is to be started.</summary>
    public DateTime NextStart => _starts.Count > 0 ? _starts[0] : DateTime.MaxValue;

    /// <summary>A rank has failed, and so many live. Whether the job goes on.</summary>
    public bool MayGoOn(int living, DateTime now)
    {
        if (living < least)
        {
            _starts.Clear();
            return false;
        }

        if (RestartsLeft > 0)
        {
            RestartsLeft--;
            _starts.Add(now + _wait);
            _starts.Sort();
            _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        }

        return true;
    }

    /// <summary>The job is about to end: nothing more is started.</summary>
    public void Stop() => _starts.Clear();

    /// <summary>How many processes are to be started now.</summary>
    public int TakeDue(DateTime now) => _starts.RemoveAll(start => start <= now);
}
