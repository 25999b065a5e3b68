using System.Text;
using System.Text.Json;
using RdmaCollectives.Schedules.Json;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Json;

public sealed class JsonScheduleTests
{
    private const string Chain = """
        {
          "name": "mine",
          "collective": "Broadcast",
          "shapes": [
            {
              "ranks": 2,
              "chunks": 1,
              "steps": [
                [ { "kind": "Send", "chunk": 0, "to": 1 }, { "kind": "Copy", "chunk": 0 } ],
                [ { "kind": "Receive", "chunk": 0, "from": 0 } ]
              ]
            }
          ]
        }
        """;

    public static TheoryData<string> Samples() => [.. Directory.GetFiles(Path.Combine(CommittedFile.Root(), "docs/samples/schedules"), "*.json").Select(static file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Load_Sample_IsProvedForEveryShapeOfIts(string file)
    {
        using FileStream stream = File.OpenRead(Path.Combine(CommittedFile.Root(), "docs/samples/schedules", file));

        JsonSchedule schedule = JsonSchedule.Load(stream);

        Assert.NotEmpty(schedule.Shapes);
        foreach (Shape shape in schedule.Shapes)
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);
            Assert.Equal(schedule.MinimumCredits(shape), report.LeastCredits);
        }
    }

    [Fact]
    public void Page_OfSchedules_ShowsTheSample() =>
        CommittedFile.AssertPartEqual("docs/schedules.md", "pair", $"```json\n{File.ReadAllText(Path.Combine(CommittedFile.Root(), "docs/samples/schedules/pair-all-reduce.json")).TrimEnd()}\n```\n");

    [Fact]
    public void Write_EveryScheduleOfTheCatalog_ReadsBackTheSame()
    {
        foreach (ISchedule original in ScheduleCatalog.All)
        {
            Shape[] shapes = [.. new[] { new Shape(1), new Shape(4, Channels: 2), new Shape(5), new Shape(5, Root: original.Collective.IsRooted() ? 3 : 0, Channels: 3), new Shape(6, LocalRanks: 2) }.Where(shape => original.Supports(shape))];

            JsonSchedule copy = RoundTrip(original, shapes);

            Assert.Equal((original.Name, original.Collective, original.Traits), (copy.Name, copy.Collective, copy.Traits));
            Assert.Equal(shapes.Distinct(), copy.Shapes);
            foreach (Shape shape in shapes)
            {
                AssertSame(original, copy, shape);
            }
        }
    }

    [Fact]
    public void Write_SmallSchedules_ReadBackTheSame()
    {
        foreach ((ListedSchedule original, Shape shape) in SmallSchedules.All.Values)
        {
            JsonSchedule copy = RoundTrip(original, [shape]);

            AssertSame(original, copy, shape);
            ScheduleVerifier.Verify(copy, shape);
        }
    }

    [Fact]
    public void Write_Schedule_PutsAStepOnALine()
    {
        using var stream = new MemoryStream();
        JsonSchedule.Write(SmallSchedules.Reduce(), new Shape(3, Root: 1), stream);

        string text = Encoding.UTF8.GetString(stream.ToArray());

        Assert.Contains("\n          { \"kind\": \"ReceiveReduce\", \"chunk\": 0, \"from\": 2, \"source\": \"Output\", \"isFinal\": true, \"isOwnLeft\": true }\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_CommentsAndTrailingCommas_AreAllowed() =>
        ScheduleVerifier.Verify(JsonSchedule.Parse(Chain.Replace("\"to\": 1 }", "\"to\": 1 /* the only other one */, }", StringComparison.Ordinal)), new Shape(2));

    [Fact]
    public void Parse_NoLocalRanks_ServesAny()
    {
        JsonSchedule schedule = JsonSchedule.Parse(Chain);

        Assert.True(schedule.Supports(new Shape(2, LocalRanks: 2)));
        Assert.False(schedule.Supports(new Shape(2, Root: 1)));
        Assert.False(schedule.Supports(new Shape(4)));
        ArgumentException e = Assert.Throws<ArgumentException>(() => schedule.ChunkCount(new Shape(4)));
        Assert.Contains("mine has no steps for", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ScratchNamed_DeclaresThePlanes()
    {
        JsonSchedule schedule = JsonSchedule.Parse(Chain.Replace("\"Receive\", \"chunk\": 0, \"from\": 0", "\"Receive\", \"chunk\": 2, \"from\": 0, \"destination\": \"Scratch\"", StringComparison.Ordinal));

        Assert.Equal(3, schedule.ScratchPlanes(new Shape(2)));
    }

    [Theory]
    [InlineData("\"Send\"", "\"Sent\"", "line 9, step 0 of rank 0: \"Sent\" is not one of Send, Receive, ReceiveReduce,", 0, 0)]
    [InlineData("\"Receive\"", "1", "line 10, step 0 of rank 1: 1 is not one of Send, Receive,", 1, 0)]
    [InlineData("\"Receive\"", "\"receive\"", "\"receive\" is not one of Send, Receive,", 1, 0)]
    [InlineData("\"to\": 1", "\"too\": 1", "line 9, step 0 of rank 0: a step has no \"too\"; it has \"kind\", \"channel\", \"chunk\", \"count\", \"to\", \"source\"", 0, 0)]
    [InlineData("\"to\": 1", "\"from\": 1", "step 0 of rank 0: Send has no \"from\"; it has", 0, 0)]
    [InlineData(", \"to\": 1", "", "step 0 of rank 0: Send needs \"to\"", 0, 0)]
    [InlineData("\"to\": 1", "\"to\": -1", "\"to\" is -1; a whole number from 0 is wanted", 0, 0)]
    [InlineData("\"to\": 1", "\"to\": 1.5", "\"to\" is 1.5; a whole number from 0 is wanted", 0, 0)]
    [InlineData("\"to\": 1", "\"to\": 1, \"to\": 1", "\"to\" is there twice", 0, 0)]
    [InlineData("\"to\": 1", "\"to\": 1, \"count\": 40000", "\"count\" is 40000; a whole number from 1 to 32767 is wanted", 0, 0)]
    [InlineData("\"to\": 1", "\"to\": 1, \"source\": \"Memory\"", "\"Memory\" is not one of Input, Output, Scratch", 0, 0)]
    [InlineData("{ \"kind\": \"Copy\", \"chunk\": 0 }", "{ \"kind\": \"Copy\", \"chunk\": 0, \"isFinal\": 1 }", "step 1 of rank 0: \"isFinal\" is 1; true or false is wanted", 0, 1)]
    [InlineData("{ \"kind\": \"Copy\", \"chunk\": 0 }", "\"copy\"", "step 1 of rank 0: \"copy\" is not a step", 0, 1)]
    [InlineData("\"Broadcast\"", "\"Multicast\"", "line 3, $.collective: \"Multicast\" is not one of AllReduce, Reduce, Broadcast,", -1, -1)]
    [InlineData("\"ranks\": 2", "\"ranks\": 3", "$.shapes[0].steps: \"steps\" is 2; allowed is a list for each of the 3 ranks", -1, -1)]
    [InlineData("\"ranks\": 2", "\"ranks\": 0", "$.shapes[0].ranks: \"ranks\" is 0; allowed is 1 and up", -1, -1)]
    [InlineData("\"ranks\": 2", "\"ranks\": 2, \"root\": 2", "$.shapes[0].root: \"root\" is 2; allowed is 0 to 1", -1, -1)]
    [InlineData("\"ranks\": 2", "\"ranks\": 2, \"localRanks\": 3", "\"localRanks\" is 3; allowed is a number that divides 2", -1, -1)]
    [InlineData("\"chunks\": 1", "\"chunks\": \"one\"", "$.shapes[0].chunks", -1, -1)]
    [InlineData("\"chunks\": 1,", "", "chunks", -1, -1)]
    [InlineData("\"chunks\": 1", "\"pieces\": 1, \"chunks\": 1", "pieces", -1, -1)]
    public void Parse_WrongFile_SaysWhereAndWhatIsAllowed(string right, string wrong, string words, int rank, int step)
    {
        ScheduleException e = Assert.Throws<ScheduleException>(() => JsonSchedule.Parse(Chain.Replace(right, wrong, StringComparison.Ordinal)));

        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Equal(("json", rank, step), (e.Rule, e.Rank, e.Step));
        Assert.IsAssignableFrom<JsonException>(e.InnerException);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{ \"name\": \"mine\" }")]
    public void Parse_NoSchedule_IsAJsonFault(string text) =>
        Assert.Equal("json", Assert.Throws<ScheduleException>(() => JsonSchedule.Parse(text)).Rule);

    [Fact]
    public void Parse_ShapeTwice_IsAJsonFault()
    {
        int from = Chain.IndexOf("    {\n      \"ranks\"", StringComparison.Ordinal);
        int to = Chain.IndexOf("\n  ]\n", StringComparison.Ordinal);
        string twice = Chain.Insert(to, "," + Chain[from..to]);

        ScheduleException e = Assert.Throws<ScheduleException>(() => JsonSchedule.Parse(twice));

        Assert.Contains("$.shapes[1]: the shape is there twice", e.Message, StringComparison.Ordinal);
    }

    private static JsonSchedule RoundTrip(ISchedule original, IReadOnlyList<Shape> shapes)
    {
        using var stream = new MemoryStream();
        JsonSchedule.Write(original, shapes, stream);
        stream.Position = 0;
        return JsonSchedule.Load(stream);
    }

    private static void AssertSame(ISchedule original, JsonSchedule copy, Shape shape)
    {
        Assert.Equal(
            (original.ChunkCount(shape), original.ScratchPlanes(shape), original.MessageChunks(shape), original.MinimumCredits(shape)),
            (copy.ChunkCount(shape), copy.ScratchPlanes(shape), copy.MessageChunks(shape), copy.MinimumCredits(shape)));
        Assert.All(Enumerable.Range(0, shape.Ranks), rank =>
            Assert.Equal(
                Enumerable.Range(0, original.StepCount(shape, rank)).Select(index => original.GetStep(shape, rank, index)),
                Enumerable.Range(0, copy.StepCount(shape, rank)).Select(index => copy.GetStep(shape, rank, index))));
        if (original.Collective != CollectiveKind.Barrier)
        {
            Assert.All(Enumerable.Range(0, original.ChunkCount(shape)), chunk => Assert.Equal(original.ChannelOf(shape, chunk), copy.ChannelOf(shape, chunk)));
        }
    }
}
