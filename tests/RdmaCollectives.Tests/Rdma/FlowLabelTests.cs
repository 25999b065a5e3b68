using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>The flow label of a queue pair.</summary>
public sealed class FlowLabelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0xfffff)]
    public void Of_ALabelThatIsSet_IsThatOfAllQueuePairs(int label) => Assert.Equal((uint)label, FlowLabel.Of(label, 17, 4711));

    [Fact]
    public void Of_Automatic_IsAlikeAtBothEndsAndDifferentForMostQueuePairs()
    {
        var labels = new HashSet<uint>();
        for (uint number = 17; number < 117; number++)
        {
            uint label = FlowLabel.Of(ResolvedOptions.AutomaticFlowLabel, number, number + 1000);
            Assert.Equal(label, FlowLabel.Of(ResolvedOptions.AutomaticFlowLabel, number + 1000, number));
            Assert.InRange(label, 1u, 0xfffffu);
            labels.Add(label);
        }

        Assert.InRange(labels.Count, 90, 100);
    }

    [Fact]
    public void Of_AutomaticWhereTheProductIsZero_IsNotNone() => Assert.Equal(1u, FlowLabel.Of(ResolvedOptions.AutomaticFlowLabel, 0, 5));
}
