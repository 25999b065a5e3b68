using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

public sealed class RegistrationBudgetTests
{
    [Fact]
    public void Take_MoreThanIsLeft_SaysWhatIsRegisteredWhatIsMissingAndTheRemedy()
    {
        var budget = new RegistrationBudget(3 << 20);
        budget.Take(2 << 20, "the first", "wait");
        CollectiveException refused = Assert.Throws<CollectiveException>(() => budget.Take(1536 << 10, "a buffer", "dispose another"));
        Assert.Equal(Error.Resource, refused.Error);
        Assert.Contains("RDMACC_REGISTERED_MEMORY allows this communicator 3 MiB. 2 MiB are registered, and a buffer would take 1.5 MiB more. Raise it by 512 KiB at least, or dispose another.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2 << 20, budget.Taken); // what was refused does not count
        budget.Take(1 << 20, "the rest", "wait");
        budget.Return(3 << 20);
        budget.Take(3 << 20, "all of it", "wait");
    }

    [Fact]
    public void Take_WithoutALimit_OnlyCounts()
    {
        var budget = new RegistrationBudget(null);
        budget.Take(1L << 50, "much", "wait");
        Assert.Equal(1L << 50, budget.Taken);
    }
}
