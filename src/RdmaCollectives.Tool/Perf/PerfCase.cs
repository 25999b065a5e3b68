namespace RdmaCollectives.Tool.Perf;

/// <summary>One size of one collective on this rank: what its call is made with. Counts and offsets are in elements.</summary>
internal sealed unsafe class PerfCase : IDisposable
{
    private readonly PerfOptions _options;
    private readonly PerfRun _run;
    private readonly Action<PerfCase> _call;
    private readonly PerfTurn[] _turns;
    private PerfTurn _turn;
    private int _next;
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
        _turns = [.. Enumerable.Range(0, options.Rotate ? run.Collective.Turns(Ranks) : 1).Select(turn => MakeTurn(turn, send))];
        _turn = _turns[0];
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

    /// <summary>Of this turn.</summary>
    public int Root => (_options.Root + _turn.Index) % Ranks;

    public bool IsRoot => Rank == Root;

    /// <summary>The rank to send to in this turn.</summary>
    public int Next => (Rank + Distance) % Ranks;

    /// <summary>The rank to receive from in this turn.</summary>
    public int Previous => (Rank + Ranks - Distance) % Ranks;

    public bool IsInPlace { get; }

    public byte* Send => Address(_turn.Send);

    public byte* Receive => Address(_turn.Receive);

    /// <summary>The memory that <see cref="Receive"/>, and in place <see cref="Send"/> too, lies in: <see cref="Total"/> elements.</summary>
    public byte* Buffer { get; }

    /// <summary>Elements of the larger buffer.</summary>
    public long Total { get; }

    /// <summary>Elements of one of the equal parts of the larger buffer: the count that the call is made with.</summary>
    public long Block => Total / _run.Collective.Parts(Ranks);

    /// <summary>Elements that this rank gives.</summary>
    public long SendCount => _turn.SendCount;

    /// <summary>Elements that this rank gets.</summary>
    public long ReceiveCount => _turn.ReceiveCount;

    /// <summary>What this rank has in <see cref="Receive"/> afterwards; out of place that is said of every element.</summary>
    public IReadOnlyList<Piece> Expected => _turn.Expected;

    /// <summary>The same after many calls: where roots turn, a rank that gets nothing now has what it got as the root.</summary>
    public IEnumerable<Piece> ExpectedOfTimed => Expected.Where(piece => _turns.Length == 1 || piece.Source != Piece.Untouched);

    /// <summary>Blocks that are larger for each rank.</summary>
    public Shares Shares => _shares ??= Shares.Growing(Total, Ranks);

    /// <summary>What a rank gives each rank.</summary>
    public Shares SharesTo(int rank) => rank == Rank ? _to ??= Shares.To(Total, Ranks, rank) : Shares.To(Total, Ranks, rank);

    /// <summary>What a rank gets from each rank.</summary>
    public Shares SharesFrom(int rank) => rank == Rank ? _from ??= Shares.From(Total, Ranks, rank) : Shares.From(Total, Ranks, rank);

    /// <summary>All-reduces of the equal parts, to run as one.</summary>
    public OperationGroup Group => _group ??= MakeGroup();

    public IEnumerable<Piece> OfEachRank(Func<int, Piece> piece) => Enumerable.Range(0, Ranks).Select(piece);

    private int Distance => 1 + (_turn.Index % Math.Max(1, Ranks - 1));

    /// <summary>Before each call: the root, or the distance of the two that a rank talks to, of the next one.</summary>
    public void NextTurn()
    {
        _turn = _turns[_next];
        _next = (_next + 1) % _turns.Length;
    }

    public void Call() => _call(this);

    public void Dispose() => _group?.Dispose();

    private static byte* Address(nint address) => (byte*)address;

    private PerfTurn MakeTurn(int index, PerfBuffer send)
    {
        _turn = new PerfTurn(index, 0, 0, 0, 0, []);
        PerfCollective collective = _run.Collective;
        Piece[] expected = [.. collective.Expected?.Invoke(this) ?? []];
        long receiveCount = expected.Sum(piece => piece.Count);
        return new PerfTurn(
            index,
            (nint)(IsInPlace ? Buffer + (collective.SendOffset(this) * ElementSize) : send.Address),
            (nint)(IsInPlace ? Buffer + (collective.ReceiveOffset(this) * ElementSize) : Buffer),
            collective.SendCount(this),
            receiveCount,
            IsInPlace ? expected : [.. expected, new Piece(receiveCount, Total - receiveCount, Piece.Untouched, 0)]);
    }

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
