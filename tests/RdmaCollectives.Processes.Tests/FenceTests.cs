using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>A rank that stands still in the middle of a call, and goes on when the others have long given up, hurts nobody and is hurt by nobody.</summary>
public sealed class FenceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("shm", "array", "all-reduce")]
    [InlineData("shm", "allocated", "all-reduce")]
    [InlineData("shm", "allocated", "broadcast")]
    [InlineData("tcp", "array", "all-reduce")]
    [InlineData("tcp", "allocated", "all-reduce")]
    [InlineData("tcp", "array", "broadcast")]
    [InlineData("tcp", "array", "all-reduce", "tcp")]
    public void Abort_WhileARankIsStoppedInACall_NoByteChangesAfterwardsAndNoSumIsWrong(string transport, string memory, string call, string encryption = "off")
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3, _ => [("RDMACC_ENCRYPT", encryption)]);
        Assert.All(FenceCase.Run(group, stopped: 1, memory, call, Deadline), answer => Assert.Equal("ok intact", answer));
    }

    /// <summary>All that the stopped rank needs lies ready in the memory of the other, which has filled it anew by the time that it is read; and nobody has told the reader by then.</summary>
    [Fact]
    public void Abort_WhileAMessageLiesUnreadInMemoryThatIsFilledAnew_TheReaderDoesNotTakeItForTheMessage()
    {
        using WorkerGroup group = WorkerGroup.Start("shm", 2);
        Assert.All(FenceCase.Run(group, stopped: 1, "allocated", "broadcast", Deadline, hearsLast: true), answer => Assert.Equal("ok intact", answer));
    }
}
