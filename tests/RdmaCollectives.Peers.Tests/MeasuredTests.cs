namespace RdmaCollectives.Peers.Tests;

public class MeasuredTests
{
    private const string Good =
        """{"collective":"all_reduce","bytes":8,"elements":2,"ranks":2,"transport":"mpi","timeUs":{"first":9.5,"median":1.5},"busbwGBps":0.1,"wrong":0}""";

    [Fact]
    public void Parse_ALineOfAProgram_IsThatSize()
    {
        SortedDictionary<long, Measured> sizes = Parse("# a comment", Good);
        Assert.Equal((9.5, 1.5), (sizes[8].TimeUs.First, sizes[8].TimeUs.Median));
    }

    /// <summary>A trial may leave out a setting that does not run, never one that is wrong.</summary>
    [Theory]
    [InlineData("\"wrong\":0", "\"wrong\":3", "program: all_reduce, 8 bytes, 3 wrong elements; its times are not used.")]
    [InlineData("\"wrong\":0", "\"wrong\":null", "program: all_reduce, 8 bytes, no count of wrong elements; its times are not used.")]
    public void Parse_AWrongResult_EndsTheRun(string old, string now, string message) =>
        Assert.Equal(message, Assert.Throws<WrongResultException>(() => Parse(Good.Replace(old, now, StringComparison.Ordinal))).Message);

    [Theory]
    [InlineData("all_reduce", "broadcast")]
    [InlineData("\"ranks\":2", "\"ranks\":3")]
    [InlineData("\"mpi\"", "\"tcp\"")]
    public void Parse_SomethingElseThanWasWanted_IsRefused(string old, string now) =>
        Assert.Contains("all_reduce, 2 over mpi was wanted", Assert.Throws<PeersException>(() => Parse(Good.Replace(old, now, StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_NoLine_IsRefused() => Assert.Throws<PeersException>(() => Parse("mpirun: something else"));

    private static SortedDictionary<long, Measured> Parse(params string[] lines) => Measured.Parse(lines, "program", "mpi", Made.OneCase);
}
