using System.Runtime.CompilerServices;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>What a plan is a function of, beside what all ranks agreed on at creation.</summary>
/// <param name="Collective">What is computed.</param>
/// <param name="ElementSize">Bytes of an element.</param>
/// <param name="ElementCount">Elements of the buffer, or of one block where buffers have blocks; 0 where blocks are of different sizes.</param>
/// <param name="Root">The root, or 0.</param>
/// <param name="Demands">What the schedule has to promise.</param>
/// <param name="Algorithm">The schedule that the caller named, or null.</param>
internal readonly record struct PlanKey(CollectiveKind Collective, int ElementSize, ulong ElementCount, int Root, PlanDemands Demands = PlanDemands.None, string? Algorithm = null)
{
    /// <summary>Equality, without copies of either: what a small call would notice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(in PlanKey a, in PlanKey b) =>
        a.ElementCount == b.ElementCount && a.Collective == b.Collective && a.ElementSize == b.ElementSize && a.Root == b.Root && a.Demands == b.Demands && string.Equals(a.Algorithm, b.Algorithm, StringComparison.Ordinal);
}
