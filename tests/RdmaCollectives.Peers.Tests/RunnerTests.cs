namespace RdmaCollectives.Peers.Tests;

/// <summary>With a shell in place of the programs.</summary>
public sealed class RunnerTests : IDisposable
{
    private const string Line = """{"collective":"all_reduce","bytes":8,"ranks":2,"transport":"mpi","timeUs":{"first":9,"median":TIME},"busbwGBps":1,"wrong":WRONG}""";

    private readonly string _root = Directory.CreateTempSubdirectory("runner").FullName;

    public RunnerTests() => Directory.CreateDirectory(Settings.Results);

    private Settings Settings => Made.Settings() with { Root = _root, Rounds = 2, Trials = 0 };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Compare_AProgramThatFailsOnce_IsRepeatedAndNamed()
    {
        string mark = Path.Combine(_root, "mark");
        var runner = new Runner(Settings);
        Comparison comparison = runner.Compare(Made.OneCase, [Prints("A", 10), Shell("B", $"if test -e {mark}; then echo '{Result(20)}'; else touch {mark}; echo sorry >&2; exit 3; fi")]);
        Assert.Equal((2, 2), (comparison.Rounds, comparison.Ratio(1, 8).Median));
        Assert.Equal("round 1 of 2: shm-2-all_reduce-B: exit code 3; sorry (all of it is in shm-2-all-reduce-B.log)", Assert.Single(runner.Failures));
        string[] kept = File.ReadAllLines(Path.Combine(Settings.Results, "times.tsv"));
        Assert.Equal<string>(["shm\t2\tall_reduce\t8\tA\t\t2\t10.000\t1.0000\t1.0000\t1.0000", "shm\t2\tall_reduce\t8\tB\t\t2\t20.000\t2.0000\t2.0000\t2.0000"], kept, StringComparer.Ordinal);
    }

    [Fact]
    public void Compare_AProgramThatAlwaysFails_EndsTheRun()
    {
        var runner = new Runner(Settings);
        Assert.Throws<PeersException>(() => runner.Compare(Made.OneCase, [Prints("A", 10), Shell("B", "exit 3")]));
        Assert.Equal(2, runner.Failures.Count);
    }

    [Fact]
    public void Compare_AWrongResult_IsNotRepeated()
    {
        var runner = new Runner(Settings);
        Assert.Throws<WrongResultException>(() => runner.Compare(Made.OneCase, [Prints("A", 10, wrong: 1)]));
        Assert.Empty(runner.Failures);
    }

    private static string Result(int time, int wrong = 0) => Line.Replace("TIME", $"{time}", StringComparison.Ordinal).Replace("WRONG", $"{wrong}", StringComparison.Ordinal);

    private static Contender Prints(string name, int time, int wrong = 0) => Shell(name, $"echo '{Result(time, wrong)}'");

    private static Contender Shell(string name, string script) => new(name, "mpi", ["/bin/sh", "-c", script], []) { Role = Role.Peer };
}
