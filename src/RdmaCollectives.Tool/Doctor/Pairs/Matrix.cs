namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>Measures every pair of ranks, those that seem slow once more, and marks those that are.</summary>
internal static class Matrix
{
    private const int Fields = 4; // transport, latency, forward, backward
    private static readonly string[] Names = ["shm", "verbs", "tcp", "loopback", "unknown"];

    /// <summary>All ranks call this, and all get all pairs.</summary>
    public static IReadOnlyList<PairRow> Measure(Communicator communicator, Action<string> progress)
    {
        var measurement = new PairMeasurement(communicator);
        IReadOnlyList<PairRow> first = Run(communicator, measurement, PairPlan.Rounds(communicator.WorldSize), progress);

        // One bad moment of a host is no slow link: what stands out is measured again, alone.
        HashSet<(int, int)> suspects = [.. SlowPairs.Mark(first).Where(pair => pair.IsSlow).Select(pair => (pair.Low, pair.High))];
        if (suspects.Count == 0)
        {
            return first;
        }

        Dictionary<(int, int), PairRow> again = Run(communicator, measurement, [.. suspects.Select(pair => (IReadOnlyList<(int Low, int High)>)[pair])], progress).ToDictionary(pair => (pair.Low, pair.High));
        return SlowPairs.Mark([.. first.Select(pair => again.TryGetValue((pair.Low, pair.High), out PairRow? second) ? pair.BestOf(second) : pair)]);
    }

    private static PairRow[] Run(Communicator communicator, PairMeasurement measurement, IReadOnlyList<IReadOnlyList<(int Low, int High)>> rounds, Action<string> progress)
    {
        (int Low, int High)[] pairs = [.. rounds.SelectMany(round => round)];
        double[] values = new double[pairs.Length * Fields];
        int done = 0;
        foreach (IReadOnlyList<(int Low, int High)> round in rounds)
        {
            progress($"measuring pairs {done} to {done + round.Count} of {pairs.Length} ...");
            communicator.Barrier();
            foreach ((int low, int high) in round)
            {
                if (communicator.Rank == low || communicator.Rank == high)
                {
                    PairRow row = measurement.Measure(low, high, TransportTo(communicator, communicator.Rank == low ? high : low));
                    if (communicator.Rank == low)
                    {
                        ((double[])[Array.IndexOf(Names, row.Transport), row.LatencyUs, row.ForwardGBps, row.BackwardGBps]).CopyTo(values, done * Fields);
                    }
                }

                done++;
            }
        }

        communicator.AllReduce<double>(values, ReduceOp.Sum); // of each pair one rank alone has written something
        return [.. pairs.Select((pair, index) => new PairRow
        {
            Low = pair.Low,
            High = pair.High,
            Transport = Names[(int)values[index * Fields]],
            LatencyUs = values[(index * Fields) + 1],
            ForwardGBps = values[(index * Fields) + 2],
            BackwardGBps = values[(index * Fields) + 3],
        })];
    }

    /// <summary>The name of the transport to a rank.</summary>
    public static string TransportTo(Communicator communicator, int peer)
    {
        string? name = communicator.Transports.FirstOrDefault(transport => transport.Peers.Contains(peer))?.Name;
        return name is not null && Names.Contains(name, StringComparer.Ordinal) ? name : Names[^1];
    }
}
