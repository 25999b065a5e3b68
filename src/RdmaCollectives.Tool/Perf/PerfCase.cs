namespace RdmaCollectives.Tool.Perf;

/// <summary>One size of one collective on this rank: what its call is made with. Counts and offsets are in elements.</summary>
internal sealed unsafe class PerfCase : IDisposable
{
    private readonly PerfOptions _options;
    private readonly PerfRun _run;
    private readonly Action<PerfCase> _call;
    private Shares? _shares, _to, _from;
    private OperationGroup? _group;

    /// <param name="communicator">The ranks.</param>
    /// <param name="options">How to measure.</param>
    /// <param name="run">What to measure.</param>
    /// <param name="byteCount">The size.</param>
    /// <param name="form">In place or not.</param>
    /// <param name="send">As large as the size.</param>
    /// <param name="receive">As large as the size; in place, the one that is used.</param>
    public PerfCase(Communicator communicator, PerfOptions options, PerfRun run, long byteCount, Forms form, PerfBuffer send, PerfBuffer receive)
    {
        (Communicator, _options, _run) = (communicator, options, run);
        ElementSize = Type.ElementSize();
        Total = byteCount / ElementSize;
        IsInPlace = form == Forms.InPlace;
        Buffer = receive.Address;
        Send = IsInPlace ? receive.Address + (run.Collective.SendOffset(this) * ElementSize) : send.Address;
        Receive = IsInPlace ? receive.Address + (run.Collective.ReceiveOffset(this) * ElementSize) : receive.Address;
        SendCount = run.Collective.SendCount(this);
        ReceiveCount = run.Collective.Expected?.Invoke(this).Sum(piece => piece.Count) ?? 0;
        Expected = [.. run.Collective.Expected?.Invoke(this) ?? []];
        if (!IsInPlace)
        {
            Expected = [.. Expected, new Piece(ReceiveCount, Total - ReceiveCount, Piece.Untouched, 0)];
        }

        Options = new OperationOptions { Algorithm = run.Algorithm, BitExact = options.BitExact && run.Collective.IsReducing };
        _call = run.Collective.IsReducing && options.Reduction.IsPreMultiplied ? PreMultipliedCalls.Of(this, run.Collective) : run.Collective.Call;
    }

    public Communicator Communicator { get; }

    public OperationOptions Options { get; }

    public DataType Type => _options.DataType;

    public ReduceOp Op => _options.Reduction.Op;

    public int ElementSize { get; }

    public int Rank => Communicator.Rank;

    public int Ranks => Communicator.WorldSize;

    public int Root => _options.Root;

    public bool IsRoot => Rank == Root;

    public int Next => (Rank + 1) % Ranks;

    public int Previous => (Rank + Ranks - 1) % Ranks;

    public bool IsInPlace { get; }

    public byte* Send { get; }

    public byte* Receive { get; }

    /// <summary>The memory that <see cref="Receive"/>, and in place <see cref="Send"/> too, lies in: <see cref="Total"/> elements.</summary>
    public byte* Buffer { get; }

    /// <summary>Elements of the larger buffer.</summary>
    public long Total { get; }

    /// <summary>Elements of one of the equal parts of the larger buffer: the count that the call is made with.</summary>
    public long Block => Total / _run.Collective.Parts(Ranks);

    /// <summary>Elements that this rank gives.</summary>
    public long SendCount { get; }

    /// <summary>Elements that this rank gets.</summary>
    public long ReceiveCount { get; }

    /// <summary>What this rank has in <see cref="Receive"/> afterwards; out of place that is said of every element.</summary>
    public IReadOnlyList<Piece> Expected { get; }

    /// <summary>Blocks that are larger for each rank.</summary>
    public Shares Shares => _shares ??= Shares.Growing(Total, Ranks);

    /// <summary>What a rank gives each rank.</summary>
    public Shares SharesTo(int rank) => rank == Rank ? _to ??= Shares.To(Total, Ranks, rank) : Shares.To(Total, Ranks, rank);

    /// <summary>What a rank gets from each rank.</summary>
    public Shares SharesFrom(int rank) => rank == Rank ? _from ??= Shares.From(Total, Ranks, rank) : Shares.From(Total, Ranks, rank);

    /// <summary>All-reduces of the equal parts, to run as one.</summary>
    public OperationGroup Group => _group ??= MakeGroup();

    public IEnumerable<Piece> OfEachRank(Func<int, Piece> piece) => Enumerable.Range(0, Ranks).Select(piece);

    public void Call() => _call(this);

    public void Dispose() => _group?.Dispose();

    private OperationGroup MakeGroup()
    {
        OperationGroup group = Communicator.CreateGroup();
        for (long at = 0; at < Total; at += Block)
        {
            group.AllReduce(Send + (at * ElementSize), Receive + (at * ElementSize), (nuint)Block, Type, Op, Options);
        }

        return group;
    }
}
