using RdmaCollectives;

var options = new CommunicatorOptions { Timeout = TimeSpan.FromSeconds(30) };
await using LocalGroup group = await Communicator.CreateLocalGroupAsync(4, options);

group.Run(comm =>
{
    // Memory of the library's own: transports that can send from it need no copy.
    using RegisteredBuffer<double> buffer = comm.Allocate<double>(1000);
    buffer.Span.Fill(comm.Rank);
    comm.AllReduce(buffer.Span, ReduceOp.Average);

    // A reduction of your own: one bit per rank.
    uint[] present = [1u << comm.Rank];
    comm.AllReduce(present, new BitOr());

    if (comm.Rank == 0)
        Console.WriteLine($"{comm.WorldSize} ranks: average {buffer.Span[0]}, present {present[0]:b}");
});

internal readonly struct BitOr : IReducer<uint>
{
    public static bool IsCommutative => true;

    public void Reduce(ReadOnlySpan<uint> source, Span<uint> accumulator)
    {
        for (int i = 0; i < source.Length; i++)
            accumulator[i] |= source[i];
    }
}
