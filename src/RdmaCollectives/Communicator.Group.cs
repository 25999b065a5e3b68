using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed partial class Communicator
{
    private readonly Func<TransferSet> _makeTransfers;

    /// <summary>Makes a group of calls to be run as one, again and again. Local: nothing is sent before it runs.</summary>
    /// <returns>The group, empty; dispose it when it is no longer needed.</returns>
    public OperationGroup CreateGroup()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return new OperationGroup(_engine, _calls.ForGroup(), _makeTransfers, Rank, WorldSize);
    }
}
