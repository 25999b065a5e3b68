using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Testing;

/// <summary>One group of ranks that make random calls, and one thing that happens to it at a random moment; then what every survivor said, and how long after.</summary>
/// <param name="Number">Of the round.</param>
/// <param name="Event">What happened.</param>
/// <param name="Victim">To which rank.</param>
/// <param name="Seed">Of the calls.</param>
public sealed record ChaosRound(int Number, ChaosEvent Event, int Victim, int Seed)
{
    private const int SumsAfterwards = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>What a survivor that says nothing for so long is called hung.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(30);

    private readonly Dictionary<int, string> _early = [];

    /// <summary>From the event to the exception, by survivor.</summary>
    public List<TimeSpan> Latencies { get; } = [];

    /// <summary>What was not as it should be: wrong results, wrong faults, silence.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Ranks that said nothing.</summary>
    public int Hangs { get; private set; }

    /// <summary>The survivors shrank the communicator and made their exact sums.</summary>
    public bool HasGoneOn { get; private set; }

    /// <summary>Calls that had come to their end, on the rank with the most.</summary>
    public int Calls { get; private set; }

    /// <summary>Draws a round.</summary>
    public static ChaosRound Draw(Random random, int number, int ranks, IReadOnlyList<ChaosEvent> events) =>
        new(number, events[random.Next(events.Count)], random.Next(ranks), random.Next(1, int.MaxValue));

    /// <summary>Runs it over a group that was started for it, and is of no use afterwards. <paramref name="mostDelay"/>: the latest moment of the event after the first calls.</summary>
    public void Run(WorkerGroup group, TimeSpan mostDelay)
    {
        try
        {
            RunThrough(group, mostDelay);
        }
        catch (TimeoutException silent)
        {
            Hangs++;
            Complaints.Add(silent.Message);
        }
    }

    private void RunThrough(WorkerGroup group, TimeSpan mostDelay)
    {
        var random = new Random(Seed);
        TimeSpan moment = mostDelay * random.NextDouble();
        for (int rank = 0; rank < group.Count; rank++)
        {
            group.Send(rank, string.Create(CultureInfo.InvariantCulture, $"chaos {Seed} {Role(rank)} {(int)moment.TotalMilliseconds + 1}"));
        }

        for (int rank = 0; rank < group.Count; rank++)
        {
            string answer = group.Read(rank, Deadline);
            if (IsOfARank && answer.StartsWith("ok fault", StringComparison.Ordinal))
            {
                _early[rank] = answer; // the rank that ends it was done with its first call, and this one was not
            }
            else if (answer != "looping")
            {
                Complaints.Add($"rank {rank} said '{answer}' before anything happened");
                return;
            }
        }

        long start = Happen(group, random, moment);
        for (int rank = 0; rank < group.Count; rank++)
        {
            if (rank != Victim || IsOfARank)
            {
                Listen(group, rank, start);
            }
        }

        if (Complaints.Count == 0)
        {
            GoOn(group);
        }
    }

    // Those that are left make a communicator of their own, and it is right.
    private void GoOn(WorkerGroup group)
    {
        int[] left = [.. Enumerable.Range(0, group.Count).Where(rank => rank != Victim || IsOfARank)];
        Array.ForEach(left, rank => group.Send(rank, string.Create(CultureInfo.InvariantCulture, $"shrink-and-sum {Seed} {SumsAfterwards}")));
        foreach (int rank in left)
        {
            string answer = group.Read(rank, Deadline);
            if (!answer.StartsWith(string.Create(CultureInfo.InvariantCulture, $"ok {left.Length} "), StringComparison.Ordinal))
            {
                Complaints.Add($"rank {rank} did not go on with {left.Length - 1} others: {answer}");
            }
        }

        HasGoneOn = Complaints.Count == 0;
    }

    private long Happen(WorkerGroup group, Random random, TimeSpan moment)
    {
        long start = Stopwatch.GetTimestamp();
        if (IsOfARank)
        {
            return 0; // the rank does it itself
        }

        if (Event == ChaosEvent.PauseThenKill)
        {
            int paused = random.Next(group.Count);
            group.Signal(paused, "STOP");
            Thread.Sleep(random.Next(20, 800));
            group.Signal(paused, "CONT");
        }

        Thread.Sleep(moment);
        start = Stopwatch.GetTimestamp();
        group.Kill(Victim);
        return start;
    }

    private void Listen(WorkerGroup group, int rank, long start)
    {
        string answer;
        try
        {
            answer = _early.Remove(rank, out string? early) ? early : group.Read(rank, Hung);
        }
        catch (TimeoutException)
        {
            Hangs++;
            Complaints.Add($"rank {rank} said nothing for {Hung.TotalSeconds} s");
            return;
        }

        // ok fault AT CALLS ERROR PEER message
        string[] words = answer.Split(' ', 7);
        if (words.Length < 6 || words[0] != "ok" || words[1] != "fault")
        {
            Complaints.Add($"rank {rank}: {answer}");
            return;
        }

        Calls = Math.Max(Calls, int.Parse(words[3], CultureInfo.InvariantCulture));
        if (!IsRight(words[4], words[5]))
        {
            Complaints.Add($"rank {rank} has the wrong fault for {Event} of rank {Victim}: {answer}");
        }

        if (start != 0)
        {
            Latencies.Add(Stopwatch.GetElapsedTime(start, long.Parse(words[2], CultureInfo.InvariantCulture)));
        }
    }

    private bool IsRight(string error, string peer) => Event switch
    {
        ChaosEvent.Abort => error == "Aborted",
        ChaosEvent.Cancel => error is "Canceled" or "OperationCanceled" or "Aborted",
        _ => error == "PeerDied" && peer == Victim.ToString(CultureInfo.InvariantCulture),
    };

    private bool IsOfARank => Event is ChaosEvent.Abort or ChaosEvent.Cancel;

    private string Role(int rank) => Event switch
    {
        ChaosEvent.Abort => rank == Victim ? "abort" : "calls",
        ChaosEvent.Cancel => rank == Victim ? "cancel" : "awaits",
        _ => "calls",
    };
}
