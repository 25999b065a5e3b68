namespace RdmaCollectives.Membership;

/// <summary>One message of the agreement; what it does not speak of is null or 0.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Ballot">The ballot that it belongs to.</param>
/// <param name="Roster">What is proposed, voted for, decided.</param>
/// <param name="Completed">In a promise, the last collective that the sender completed.</param>
/// <param name="Known">In a promise to the coordinator, what the sender knows. Not written after it was sent.</param>
internal sealed record AgreementMessage(AgreementKind Kind, Ballot Ballot, Roster? Roster = null, ulong Completed = 0, Knowledge? Known = null);
