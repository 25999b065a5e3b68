namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>One message of <see cref="PatLayout"/>, the same for all ranks. Places are counted from where the own block lies.</summary>
/// <param name="Distance">How many ranks ahead the receiver is.</param>
/// <param name="From">The first place that it is sent from.</param>
/// <param name="To">The first place that it is received to.</param>
/// <param name="Count">How many blocks it has.</param>
internal readonly record struct PatMessage(int Distance, int From, int To, int Count);
