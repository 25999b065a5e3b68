using System.Globalization;

namespace RdmaCollectives.Worker;

/// <summary>
/// The communicators of this rank by name: <c>world</c> at first, others by <c>split</c>. <c>on NAME COMMAND</c> runs a command of <see cref="Commands"/> over one of them; without it the world is meant.
/// </summary>
internal sealed class NamedCommunicators(Communicator world) : IDisposable
{
    private readonly Dictionary<string, Communicator> _communicators = new(StringComparer.Ordinal) { ["world"] = world };
    private FencedLoop? _fencedLoop;

    public string Run(string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "on": // on NAME COMMAND
                return new Commands(Get(words[1])).Run(string.Join(' ', words[2..]));

            case "split": // split NEW PARENT COLOR KEY
                return Split(words[1], Get(words[2]), Number(words[3]), Number(words[4]));

            case "sum": // sum NAME VALUE
                return Text(Sum(Get(words[1]), Number(words[2]), 1));

            case "side-by-side": // side-by-side REPEATS VALUE NAME ...: asynchronous sums over all of them, begun in this order
                return SideBySide(Number(words[1]), Number(words[2]), [.. words[3..].Select(Get)]).GetAwaiter().GetResult();

            case "shrink": // shrink CALLS PATIENCE: sums until a fault, then sums so many times with what is left; waits so many milliseconds for ranks that do not call
                string survived = Survival.GoOn(Get("world"), Number(words[1]), TimeSpan.FromMilliseconds(Number(words[2])), out Communicator left);
                _communicators["world"] = left;
                return survived;

            case "dispose": // dispose NAME ...
                foreach (string name in words[1..])
                {
                    Get(name).Dispose();
                }

                return "";

            case "chaos": // chaos SEED [abort|cancel|awaits [MS]]: random calls until a fault
                return ChaosLoop.Run(world, string.Join(' ', words[1..]));

            case "shrink-and-sum": // shrink-and-sum SEED CALLS: goes on with those that are left, by so many exact sums
                return ChaosLoop.GoOn(world, Number(words[1]), Number(words[2]));

            case "soak": // soak SEED CALLS
                return SoakPhase.Run(world, string.Join(' ', words[1..]));

            case "sample": // memory, threads, descriptors and mappings of this process
                return SoakPhase.Sample();

            case "leftovers": // leftovers SPLITS: threads, descriptors and mappings that so many splits leave behind
                return Leftovers.Count(world, Number(words[1]));

            case "fence-loop": // fence-loop NAME COUNT array|allocated all-reduce|broadcast: calls on a thread of their own, until a fault
                _fencedLoop?.Dispose();
                _fencedLoop = new FencedLoop(Get(words[1]), Number(words[2]), words[3] == "allocated", words[4] == "broadcast");
                return "";

            case "fence-filled":
                return _fencedLoop!.Filled();

            case "fence-compare":
                return _fencedLoop!.Compare();

            default:
                return new Commands(world).Run(line);
        }
    }

    public void Dispose()
    {
        _fencedLoop?.Dispose();
        foreach (Communicator communicator in _communicators.Values)
        {
            communicator.Dispose();
        }
    }

    internal static int Sum(Communicator communicator, int value, int count)
    {
        int[] values = new int[count];
        Array.Fill(values, value);
        communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
        return values.AsSpan().ContainsAnyExcept(values[0]) ? throw new InvalidOperationException("Not all elements are alike.") : values[0];
    }

    private string Split(string name, Communicator parent, int color, int key)
    {
        Communicator? part = parent.Split(color, key);
        if (part is null)
        {
            return "none";
        }

        _communicators[name] = part;
        return $"{part.Rank} of {part.WorldSize}, {string.Join(" | ", part.Transports)}";
    }

    private static async Task<string> SideBySide(int repeats, int value, Communicator[] communicators)
    {
        int[][] values = [.. communicators.Select(_ => new int[20_000])];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            var pending = new ValueTask[communicators.Length];
            for (int i = 0; i < communicators.Length; i++)
            {
                Array.Fill(values[i], value);
                pending[i] = communicators[i].AllReduceAsync(values[i].AsMemory(), ReduceOp.Sum);
            }

            for (int i = 0; i < communicators.Length; i++)
            {
                await pending[i].ConfigureAwait(false);
                if (values[i].AsSpan().ContainsAnyExcept(values[i][0]))
                {
                    throw new InvalidOperationException("Not all elements are alike.");
                }
            }
        }

        return string.Join(' ', values.Select(v => Text(v[0])));
    }

    private Communicator Get(string name) => _communicators[name];

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
