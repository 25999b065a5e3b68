namespace RdmaCollectives.Tool.Inspect;

/// <summary>The dumps of the ranks of one communicator, and the calls that they made together.</summary>
internal sealed class CommunicatorDumps
{
    private CommunicatorDumps(IReadOnlyList<Dump> dumps)
    {
        Dumps = dumps;
        Time = new Timebase(dumps);
        var calls = new SortedDictionary<ulong, SharedCall>();
        foreach (Dump dump in dumps)
        {
            foreach (DumpCall call in dump.Operations.Where(call => call.IsCollective && call.Sequence > 0))
            {
                if (!calls.TryGetValue(call.Sequence, out SharedCall? shared))
                {
                    calls.Add(call.Sequence, shared = new SharedCall(call.Sequence));
                }

                shared.Add(new RankCall(dump, call, Time));
            }
        }

        Calls = [.. calls.Values];
        // A rank that has made more calls than others remembers fewer of the old ones: from here on each has all of them.
        ulong since = dumps.Max(dump => dump.Operations.FirstOrDefault(call => call.IsCollective)?.Sequence ?? 0);
        Common = [.. Calls.Where(call => call.Sequence >= since && call.Ranks.Count == dumps.Count)];
    }

    public IReadOnlyList<Dump> Dumps { get; }

    public Timebase Time { get; }

    public int WorldSize => Dumps[0].WorldSize;

    public string Name => Dumps[0].Scope == "0" ? "all ranks" : $"scope {Dumps[0].Scope}";

    /// <summary>By sequence, whoever made them.</summary>
    public IReadOnlyList<SharedCall> Calls { get; }

    /// <summary>Those that all ranks with a dump have entered.</summary>
    public IReadOnlyList<SharedCall> Common { get; }

    /// <summary>Ranks of which there is no dump.</summary>
    public IEnumerable<int> Missing => Enumerable.Range(0, WorldSize).Except(Dumps.Select(dump => dump.Rank));

    /// <summary>Sorts dumps by communicator.</summary>
    /// <exception cref="ToolException">Two dumps contradict each other.</exception>
    public static IReadOnlyList<CommunicatorDumps> Group(IEnumerable<Dump> dumps) =>
        [.. dumps.GroupBy(dump => (dump.Communicator, dump.Scope)).Select(group => Of([.. group.OrderBy(dump => dump.Rank)])).OrderBy(group => group.Dumps[0].Scope, StringComparer.Ordinal)];

    private static CommunicatorDumps Of(Dump[] dumps)
    {
        foreach ((Dump first, Dump second) in dumps.Zip(dumps.Skip(1)))
        {
            string? problem = first.Rank == second.Rank ? $"are both of rank {first.Rank} of one communicator: name the later one alone"
                : first.WorldSize != second.WorldSize ? $"are of one communicator with {first.WorldSize} and with {second.WorldSize} ranks: one of them is damaged"
                : null;
            if (problem is not null)
            {
                throw ToolException.BadArguments($"{first.Path} and {second.Path} {problem}.");
            }
        }

        return new CommunicatorDumps(dumps);
    }
}
