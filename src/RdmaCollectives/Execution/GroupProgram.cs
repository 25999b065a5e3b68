using RdmaCollectives.Memory;

namespace RdmaCollectives.Execution;

/// <summary>The calls of a group in the order in which they run, compiled once.</summary>
internal sealed class GroupProgram(GroupStage[] stages, UseCount uses) : IDisposable
{
    public GroupStage[] Stages { get; } = stages;

    /// <summary>A run holds a count on the group's memory.</summary>
    public UseCount Uses { get; } = uses;

    public void Dispose()
    {
        foreach (GroupStage stage in Stages)
        {
            stage.Dispose();
        }
    }
}
