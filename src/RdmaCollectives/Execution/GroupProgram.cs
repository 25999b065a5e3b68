namespace RdmaCollectives.Execution;

/// <summary>The calls of a group in the order in which they run, compiled once: all ranks come to the same order, whatever the order of transfers among collectives was.</summary>
internal sealed class GroupProgram(GroupStage[] stages)
{
    public GroupStage[] Stages { get; } = stages;
}
