namespace RdmaCollectives.Planning;

/// <summary>Block sizes that are free, so that a repeated call allocates nothing. Any thread; what does not fit is left to the collector.</summary>
internal sealed class BlockSizesPool(int ranks)
{
    private readonly BlockSizes?[] _free = new BlockSizes?[8];

    public BlockSizes Rent()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Interlocked.Exchange(ref _free[i], null) is { } sizes)
            {
                return sizes;
            }
        }

        return new BlockSizes(ranks);
    }

    public void Return(BlockSizes sizes)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _free[i], sizes, null) is null)
            {
                return;
            }
        }
    }
}
