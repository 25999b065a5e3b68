using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Json;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Schedules of the user's own: verified on every rank before anything is sent, then run by name.</summary>
public sealed class UserScheduleTests
{
    private const int Ranks = 4;

    [Fact]
    public void AllReduce_ByAScheduleOfTheUser_IsExact() => Run([new Renamed(RingAllReduce.Instance, "mine")], communicator =>
    {
        for (int count = 0; count < 10_000; count = (count * 3) + 1)
        {
            int[] values = new int[count];
            Array.Fill(values, communicator.Rank + 1);
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "mine" });
            Assert.Equal(-1, values.AsSpan().IndexOfAnyExcept(Ranks * (Ranks + 1) / 2));
        }
    });

    [Fact]
    public void AllReduce_ByAScheduleNamedAsABuiltInOne_RunsTheUsers()
    {
        var schedule = new Renamed(TreeAllReduce.Instance, "ring");
        Run([schedule], communicator => communicator.AllReduce(new int[3].AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "ring" }));
        Assert.True(schedule.WasAsked);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(200_000)]
    public void AllReduce_ThatNamesNoAlgorithm_NeverRunsTheUsers(int count)
    {
        ISchedule[] own = [.. ScheduleCatalog.For(CollectiveKind.AllReduce).Select(schedule => new Renamed(TreeAllReduce.Instance, schedule.Name))];
        Run(own, communicator => communicator.AllReduce(new int[count].AsSpan(), ReduceOp.Sum));
        Assert.All(own, schedule => Assert.False(((Renamed)schedule).WasAsked));
    }

    [Theory]
    [InlineData("without its last step")]
    [InlineData("that promises what it does not keep")]
    [InlineData("with too few credits")]
    public void AllReduce_ByAScheduleThatIsWrong_IsScheduleExceptionOnEveryRankAndNothingIsSent(string what)
    {
        ISchedule schedule = what switch
        {
            "without its last step" => new Renamed(RingAllReduce.Instance, "mine") { Dropped = 1 },
            "that promises what it does not keep" => new Renamed(RingAllReduce.Instance, "mine") { Traits = ScheduleTraits.FixedTree },
            _ => new Renamed(RingAllReduce.Instance, "mine") { Credits = 1 },
        };
        Run([schedule], communicator =>
        {
            var error = Assert.Throws<ScheduleException>(() => communicator.AllReduce(new int[100].AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "mine" }));
            Assert.NotEmpty(error.Rule);
            communicator.Barrier();
            communicator.AllReduce(new int[100].AsSpan(), ReduceOp.Sum);
        });
    }

    [Fact]
    public void AllReduce_ByAScheduleFromAFile_IsExact()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(path))
            {
                JsonSchedule.Write(new Renamed(RingAllReduce.Instance, "from-a-file"), new Shape(Ranks, 0, 1, Ranks), file);
            }

            using LocalGroup group = Communicator.CreateLocalGroup(Ranks, new CommunicatorOptions { ScheduleFiles = path, ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) });
            group.Run(communicator =>
            {
                int[] values = [.. Enumerable.Range(communicator.Rank, 5000)];
                communicator.AllReduce(values.AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "from-a-file" });
                Assert.Equal(Enumerable.Range(0, 5000).Select(i => (Ranks * i) + (Ranks * (Ranks - 1) / 2)), values);
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Steps that differ under one name are a different call.</summary>
    [Fact]
    public void AllReduce_BySchedulesThatDifferUnderOneName_IsNoticed()
    {
        // The ranks of a local group share their options, so one schedule tells its steps by who asks.
        var schedule = new TwoFaced(RingAllReduce.Instance, TreeAllReduce.Instance);
        using LocalGroup group = Communicator.CreateLocalGroup(Ranks, new CommunicatorOptions { Schedules = [schedule], Timeout = TimeSpan.FromSeconds(20) });
        var errors = new Exception?[Ranks];
        group.Run(communicator =>
        {
            schedule.IsOther.Value = communicator.Rank == 0;
            errors[communicator.Rank] = Record.Exception(() => communicator.AllReduce(new int[1000].AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "mine" }));
        });
        Assert.All(errors, error => Assert.True(error is CollectiveMismatchException or CommunicatorFaultException { Reason: Error.Mismatch }, $"{error}"));
    }

    private static void Run(ISchedule[] schedules, Action<Communicator> body)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(Ranks, new CommunicatorOptions { Schedules = schedules, ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) });
        group.Run(body);
    }

    /// <summary>A schedule under another name, perhaps with something wrong about it.</summary>
    private sealed class Renamed(ISchedule schedule, string name) : ISchedule
    {
        public int Dropped { get; init; }

        public int? Credits { get; init; }

        public ScheduleTraits Traits { get; init; } = schedule.Traits;

        public bool WasAsked { get; private set; }

        public string Name => name;

        public CollectiveKind Collective => schedule.Collective;

        public int ScratchPlanes(in Shape shape) => schedule.ScratchPlanes(shape);

        public int MessageChunks(in Shape shape) => schedule.MessageChunks(shape);

        public bool Supports(in Shape shape) => schedule.Supports(shape);

        public int ChunkCount(in Shape shape) => schedule.ChunkCount(shape);

        public int ChannelOf(in Shape shape, int chunk) => schedule.ChannelOf(shape, chunk);

        public int MinimumCredits(in Shape shape) => Credits ?? schedule.MinimumCredits(shape);

        public int StepCount(in Shape shape, int rank) => schedule.StepCount(shape, rank) - Dropped;

        public Step GetStep(in Shape shape, int rank, int index)
        {
            WasAsked = true;
            return schedule.GetStep(shape, rank, index);
        }
    }

    private sealed class TwoFaced(ISchedule one, ISchedule other) : ISchedule
    {
        public ThreadLocal<bool> IsOther { get; } = new();

        public string Name => "mine";

        public CollectiveKind Collective => CollectiveKind.AllReduce;

        private ISchedule Face => IsOther.Value ? other : one;

        public int ScratchPlanes(in Shape shape) => Face.ScratchPlanes(shape);

        public int MessageChunks(in Shape shape) => Face.MessageChunks(shape);

        public bool Supports(in Shape shape) => Face.Supports(shape);

        public int ChunkCount(in Shape shape) => Face.ChunkCount(shape);

        public int ChannelOf(in Shape shape, int chunk) => Face.ChannelOf(shape, chunk);

        public int MinimumCredits(in Shape shape) => Face.MinimumCredits(shape);

        public int StepCount(in Shape shape, int rank) => Face.StepCount(shape, rank);

        public Step GetStep(in Shape shape, int rank, int index) => Face.GetStep(shape, rank, index);
    }
}
