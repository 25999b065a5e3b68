namespace RdmaCollectives.Tool.Perf;

/// <summary>What differs from call to call where roots and distances turn: who the root is, and with it what this rank gives and gets. Made before anything is timed.</summary>
/// <param name="Index">How far the root, or the distance, has moved on.</param>
/// <param name="Send">Address of the input.</param>
/// <param name="Receive">Address of the result.</param>
/// <param name="SendCount">Elements that this rank gives.</param>
/// <param name="ReceiveCount">Elements that it gets.</param>
/// <param name="Expected">What is in its receive buffer afterwards.</param>
internal readonly record struct PerfTurn(int Index, nint Send, nint Receive, long SendCount, long ReceiveCount, IReadOnlyList<Piece> Expected);
