namespace RdmaCollectives.Planning;

/// <summary>
/// Where the elements of a step lie in a plan of one round whose blocks are of one size: looked up once, when the plan is compiled, as the <see cref="Layout"/> says. Only for steps whose chunks lie in one piece in every buffer that
/// they touch.
/// </summary>
/// <param name="Source">First element in the source, of a step that has one.</param>
/// <param name="Destination">First element in the destination, likewise.</param>
/// <param name="Count">Elements.</param>
internal readonly record struct FixedRange(ulong Source, ulong Destination, ulong Count);
