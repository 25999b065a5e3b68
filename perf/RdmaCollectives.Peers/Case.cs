namespace RdmaCollectives.Peers;

/// <summary>What is compared by itself: a collective of so many ranks over a transport.</summary>
internal readonly record struct Case(string Transport, int Ranks, string Collective)
{
    public const string SharedMemory = "shm", Tcp = "tcp";

    /// <summary>All of them, in the order of the columns of the tables.</summary>
    public static readonly string[] Collectives = ["all_reduce", "broadcast", "all_gather", "reduce_scatter", "all_to_all", "sendrecv"];

    /// <summary>Whether ranks share processors: then waiting costs the others their time, and other settings of the peers are the best ones.</summary>
    public bool IsOversubscribed => IsOversubscribedWith(Ranks);

    public static bool IsOversubscribedWith(int ranks) => ranks > Environment.ProcessorCount;

    public override string ToString() => $"{Transport}, {Ranks} ranks, {Collective}";
}
