using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>What a plan is a function of, beside what all ranks agreed on at creation.</summary>
internal readonly record struct PlanKey(CollectiveKind Collective, int ElementSize, ulong ElementCount, int Root, bool InRankOrder);
