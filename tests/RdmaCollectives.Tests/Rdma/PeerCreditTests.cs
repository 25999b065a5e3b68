using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>Credit news by headers (16 bits) and lines (all of it), in any order that the hardware may show them in.</summary>
public sealed class PeerCreditTests
{
    [Fact]
    public void TakeHeader_OlderThanALineThatWasSeenBefore_ChangesNothing()
    {
        var credit = default(PeerCredit);
        credit.TakeHeader(100);
        credit.TakeLine(102);
        credit.TakeHeader(101); // was sent before the line, and is polled after it
        Assert.Equal(102u, credit.Released);
        credit.TakeHeader(103);
        Assert.Equal(103u, credit.Released);
        credit.TakeLine(102);
        Assert.Equal(103u, credit.Released);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4096)]
    public void Take_AnyOrderOverManyWraps_IsTheGreatestSoFar(int slots)
    {
        const int Seed = 20261122;
        var random = new Random(Seed);
        var credit = default(PeerCredit);
        ulong released = 0, greatest = 0;
        for (int i = 0; i < 200_000; i++)
        {
            released += (ulong)random.Next(slots + 1);
            ulong news = released - Math.Min(released, (ulong)random.Next(slots + 1)); // as old as a message in flight can be
            greatest = Math.Max(greatest, news);
            if (random.Next(2) == 0)
            {
                credit.TakeHeader((ushort)news);
            }
            else
            {
                credit.TakeLine(news);
            }

            Assert.True(credit.Released == greatest, $"Seed {Seed}, number {i}: {credit.Released}, expected {greatest}.");
        }
    }
}
