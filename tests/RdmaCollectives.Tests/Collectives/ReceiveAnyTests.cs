namespace RdmaCollectives.Tests.Collectives;

/// <summary>A receive from any rank: ranks that wait are served in turn.</summary>
public sealed class ReceiveAnyTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    [Fact]
    public void ReceiveAny_OfRanksThatAllWait_ServesThemInTurn()
    {
        using var sent = new CountdownEvent(3);
        groups.Run(4, communicator =>
        {
            if (communicator.Rank > 0)
            {
                communicator.Send<int>([communicator.Rank], destination: 0);
                communicator.Send<int>([-communicator.Rank], destination: 0);
                sent.Signal();
            }
            else
            {
                Assert.True(sent.Wait(TimeSpan.FromSeconds(20)), "Sends that fit the slots wait for their receiver.");
                int[] value = [0];
                (int Source, int Value)[] got = [.. Enumerable.Range(0, 6).Select(_ => (communicator.ReceiveAny<int>(value), value[0]))];
                Assert.Equal([1, 2, 3], got.Take(3).Select(one => one.Source).Order());
                Assert.Equal(got.Take(3).Select(one => one.Source), got.Skip(3).Select(one => one.Source));
                Assert.Equal(got.Take(3).Select(one => -one.Value), got.Skip(3).Select(one => one.Value));
            }

            communicator.Barrier();
        });
    }
}
