namespace RdmaCollectives.Tests.Execution;

/// <summary>A call's name is for people: in faults and in the flight recorder, and nothing that ranks must agree on.</summary>
public sealed class CallNameTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public void Names_OfOneCall_MayDiffer()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        int[][] sums = [[1, 2], [3, 4]];
        Assert.True(Task.Run(() => group.Run(communicator => communicator.AllReduce(sums[communicator.Rank].AsSpan(), ReduceOp.Sum, new OperationOptions { Name = $"of rank {communicator.Rank}" }))).Wait(Soon));
        Assert.All(sums, sum => Assert.Equal<int[]>([4, 6], sum));
    }

    [Fact]
    public void Timeout_OfANamedCall_SaysTheNameOnEveryRank()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        var faults = new CommunicatorFaultException[2];
        Assert.True(Task.Run(() => group.Run(communicator =>
        {
            if (communicator.Rank == 0)
            {
                faults[0] = Assert.Throws<CommunicatorFaultException>(() => communicator.AllReduce(new int[9].AsSpan(), ReduceOp.Max, new OperationOptions { Name = "gradients/layer3", Deadline = TimeSpan.FromMilliseconds(300) }));
            }
            else
            {
                Thread.Sleep(1000); // its own code
                faults[1] = Assert.Throws<CommunicatorFaultException>(() => communicator.Barrier());
            }
        })).Wait(Soon));
        Assert.All(faults, fault =>
        {
            Assert.Equal(Error.Timeout, fault.Reason);
            Assert.Contains("#1 AllReduce(Int32, Max, 9 elements = 36 bytes) \"gradients/layer3\"", fault.Message, StringComparison.Ordinal);
            Assert.Contains("\"gradients/layer3\"", fault.RankStates[0].Doing, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Dump_OfANamedCall_HasTheName()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        using var dump = new MemoryStream();
        Assert.True(Task.Run(() => group.Run(communicator =>
        {
            communicator.Barrier(new OperationOptions { Name = "start of epoch 3" });
            if (communicator.Rank == 0)
            {
                communicator.DumpFlightRecorder(dump);
            }
        })).Wait(Soon));
        using var document = System.Text.Json.JsonDocument.Parse(dump.ToArray());
        Assert.Equal("start of epoch 3", document.RootElement.GetProperty("operations")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Dump_OfAGroup_HasTheNamesOfTheFirstOfEachKind()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        using var dump = new MemoryStream();
        Assert.True(Task.Run(() => group.Run(communicator =>
        {
            int[][] values = [[1], [2], [3], [4]];
            using (OperationGroup calls = communicator.CreateGroup())
            {
                calls.AllReduce(values[0].AsMemory(), ReduceOp.Sum, new OperationOptions { Name = "bias" });
                calls.AllReduce(values[1].AsMemory(), ReduceOp.Sum, new OperationOptions { Name = "weight" });
                calls.Send<int>(values[2].AsMemory(), 1 - communicator.Rank, new OperationOptions { Name = "edge" });
                calls.Receive(values[3].AsMemory(), 1 - communicator.Rank);
                calls.Run();
            }

            Assert.Equal((2, 4, 3), (values[0][0], values[1][0], values[3][0]));
            if (communicator.Rank == 0)
            {
                communicator.DumpFlightRecorder(dump);
            }
        })).Wait(Soon));
        using var document = System.Text.Json.JsonDocument.Parse(dump.ToArray());
        Assert.Equal<string?[]>(["bias", "edge"], [.. document.RootElement.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("name").GetString())]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("\u001b[31mred")]
    public void Call_WithANameThatIsNotToShow_IsRefusedBeforeAnythingIsSent(string name)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => group[0].Barrier(new OperationOptions { Name = name }));
        Assert.Contains("control characters", refused.Message, StringComparison.Ordinal);
        group[0].Barrier();
    }
}
