using System.Diagnostics;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>How far the clocks of hosts are from that of rank 0: a question, the other's time, and half of the shortest round trip as what it may be wrong by.</summary>
internal static class ClockSkew
{
    private const int Tries = 8;

    /// <summary>All ranks call this; rank 0 gets a line for the first rank of each other machine.</summary>
    public static IReadOnlyList<(int Rank, TimeSpan Ahead, TimeSpan Uncertainty)> Measure(Communicator communicator, IReadOnlyList<RankFacts> facts)
    {
        List<(int Rank, TimeSpan Ahead, TimeSpan Uncertainty)> skews = [];
        foreach (int rank in facts.Select((fact, rank) => (fact.Machine, rank)).GroupBy(pair => pair.Machine, StringComparer.Ordinal).Select(machine => machine.First().rank).Where(rank => rank != 0))
        {
            if (communicator.Rank == 0)
            {
                skews.Add(Ask(communicator, rank));
            }
            else if (communicator.Rank == rank)
            {
                Answer(communicator);
            }
        }

        return skews;
    }

    private static (int Rank, TimeSpan Ahead, TimeSpan Uncertainty) Ask(Communicator communicator, int rank)
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

        return (rank, ahead, shortest / 2);
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
