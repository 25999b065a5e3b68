using RdmaCollectives;

// Sorts numbers that are spread over all ranks: each rank ends with a sorted part, and the parts follow each other by rank.
await using var comm = await Communicator.CreateAsync();
int count = args.Length > 0 ? int.Parse(args[0]) : 100_000;
var random = new Random(comm.Rank);
uint[] keys = [.. Enumerable.Range(0, count).Select(_ => (uint)random.NextInt64(1L << 32))];
Array.Sort(keys);

// Every rank offers evenly spaced keys; out of all offers come the borders between the ranks, the same on every rank.
uint[] offers = new uint[comm.WorldSize * comm.WorldSize];
for (int i = 0; i < comm.WorldSize; i++)
    offers[(comm.Rank * comm.WorldSize) + i] = keys[(int)((long)i * count / comm.WorldSize)];
comm.AllGather(offers);
Array.Sort(offers);

// Which keys go to which rank, first as counts, then themselves.
int[] sendCounts = new int[comm.WorldSize];
int[] receiveCounts = new int[comm.WorldSize];
for (int rank = 0, from = 0; rank < comm.WorldSize; rank++)
{
    int to = rank + 1 < comm.WorldSize ? FirstNotBelow(keys, offers[(rank + 1) * comm.WorldSize]) : count;
    sendCounts[rank] = to - from;
    from = to;
}

comm.AllToAll<int>(sendCounts, receiveCounts);
uint[] mine = new uint[receiveCounts.Sum()];
comm.AllToAll(keys, sendCounts, [], mine.AsSpan(), receiveCounts, []);
Array.Sort(mine);

// Is it sorted over the borders too? Every rank gets the greatest key of the one before it.
long[] total = [mine.Length];
uint[] last = [mine.Length > 0 ? mine[^1] : 0];
uint[] before = [0];
comm.AllReduce(total, ReduceOp.Sum);
comm.SendReceive<uint>(last, (comm.Rank + 1) % comm.WorldSize, before, (comm.Rank + comm.WorldSize - 1) % comm.WorldSize);
bool inOrder = comm.Rank == 0 || mine.Length == 0 || before[0] <= mine[0];
byte[] allInOrder = [inOrder ? (byte)1 : (byte)0];
comm.Reduce(allInOrder, ReduceOp.Min, root: 0);

if (comm.Rank == 0)
    Console.WriteLine($"{total[0]} keys on {comm.WorldSize} ranks: {(allInOrder[0] == 1 ? "sorted" : "not sorted")}");

static int FirstNotBelow(uint[] sorted, uint value)
{
    (int low, int high) = (0, sorted.Length);
    while (low < high)
    {
        int middle = (low + high) / 2;
        (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
    }

    return low;
}
