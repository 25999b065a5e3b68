namespace RdmaCollectives.Peers;

/// <summary>Another library with the settings that it is tried with; the first is the one that its documentation leads to.</summary>
internal sealed record Peer(string Name, IReadOnlyList<Contender> Settings);
