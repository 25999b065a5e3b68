using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Doctor.Pairs;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>A rank, or without ranks a host by its place in the list, with what it is like.</summary>
/// <param name="Rank">Its number.</param>
/// <param name="Host">The name of its host.</param>
/// <param name="Machine">The same for all ranks that one kernel, and so one clock, serves.</param>
/// <param name="Facts">What it is like.</param>
internal sealed record ComparedRank(int Rank, string Host, string Machine, HostFacts Facts)
{
    /// <param name="rank">Its number.</param>
    /// <param name="said">What it told the others of itself.</param>
    /// <param name="facts">What it is like.</param>
    /// <param name="clocks">What was measured of the clocks, by machine.</param>
    public static ComparedRank Of(int rank, RankFacts said, HostFacts facts, IReadOnlyDictionary<string, ClockFacts> clocks) => new(
        rank, said.Host, said.Machine, clocks.TryGetValue(said.Machine, out ClockFacts? clock) ? facts with { Clock = clock with { Utc = facts.Clock.Utc } } : facts);
}
