using System.Diagnostics;
using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>
/// How far the clocks of hosts are from that of rank 0: a question, the other's time, and half of the shortest round trip as what it may be wrong by. By the wall clocks: the library compares
/// monotonic clocks, which begin at the start of each host.
/// </summary>
internal static class ClockSkew
{
    private const int Tries = 8;

    /// <summary>All ranks call this; rank 0 gets the clocks of all machines, by their names, its own among them. The others get none.</summary>
    public static IReadOnlyDictionary<string, ClockFacts> Measure(Communicator communicator, IReadOnlyList<RankFacts> facts)
    {
        Dictionary<string, ClockFacts> clocks = new(StringComparer.Ordinal);
        if (communicator.Rank == 0)
        {
            clocks[facts[0].Machine] = new ClockFacts { Utc = DateTime.UtcNow, AheadSeconds = 0, UncertaintySeconds = 0 };
        }

        foreach (int rank in facts.Select((fact, rank) => (fact.Machine, rank)).GroupBy(pair => pair.Machine, StringComparer.Ordinal).Select(machine => machine.First().rank).Where(rank => rank != 0))
        {
            if (communicator.Rank == 0)
            {
                clocks[facts[rank].Machine] = Ask(communicator, rank);
            }
            else if (communicator.Rank == rank)
            {
                Answer(communicator);
            }
        }

        return clocks;
    }

    private static ClockFacts Ask(Communicator communicator, int rank)
    {
        long[] theirs = new long[1];
        TimeSpan shortest = TimeSpan.MaxValue, ahead = TimeSpan.Zero;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            DateTime asked = DateTime.UtcNow;
            communicator.Send<long>(theirs, rank);
            communicator.Receive<long>(theirs, rank);
            TimeSpan roundTrip = Stopwatch.GetElapsedTime(start);
            if (roundTrip < shortest)
            {
                (shortest, ahead) = (roundTrip, TimeSpan.FromTicks(theirs[0]) - TimeSpan.FromTicks(asked.Ticks) - (roundTrip / 2));
            }
        }

        return new ClockFacts { Utc = DateTime.UtcNow, AheadSeconds = ahead.TotalSeconds, UncertaintySeconds = (shortest / 2).TotalSeconds };
    }

    private static void Answer(Communicator communicator)
    {
        long[] ours = new long[1];
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            communicator.Receive<long>(ours, 0);
            ours[0] = DateTime.UtcNow.Ticks;
            communicator.Send<long>(ours, 0);
        }
    }
}
