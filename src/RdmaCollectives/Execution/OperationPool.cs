using RdmaCollectives.Planning;

namespace RdmaCollectives.Execution;

/// <summary>Operations that are free, so that a repeated asynchronous call allocates nothing. Bounded: what does not fit is left to the collector.</summary>
internal sealed class OperationPool(int ranks)
{
    private const int Capacity = 64;

    private readonly Lock _gate = new();
    private readonly Stack<Operation> _free = new(Capacity);

    /// <summary>What calls with blocks of different sizes keep these in.</summary>
    public BlockSizesPool Sizes { get; } = new(ranks);

    public Operation Rent()
    {
        lock (_gate)
        {
            return _free.TryPop(out Operation? operation) ? operation : new Operation(this);
        }
    }

    public void Return(Operation operation)
    {
        lock (_gate)
        {
            if (_free.Count < Capacity)
            {
                _free.Push(operation);
            }
        }
    }
}
