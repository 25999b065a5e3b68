namespace RdmaCollectives.Planning;

/// <summary>The numbers of the transfers of each ordered pair of ranks: both ends count the same ones.</summary>
internal sealed class PairSequences(int ranks)
{
    private readonly uint[] _sent = new uint[ranks];
    private readonly uint[] _received = new uint[ranks];

    public uint NextSent(int to) => ++_sent[to];

    public uint NextReceived(int from) => ++_received[from];
}
