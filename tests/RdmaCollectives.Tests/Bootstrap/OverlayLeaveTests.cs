using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The end of a job that went well, with more ranks than get a connection for every pair and no rendezvous: whoever is still there hears that each of the others has left, and that nobody has died.</summary>
public sealed class OverlayLeaveTests(ITestOutputHelper output)
{
    private const int Size = 72;

    [Theory]
    [InlineData(0, 3)]
    [InlineData(300, 3)]
    [InlineData(1500, 1)]
    public void Leave_MostRanksAtOnce_IsADeathToNobody(int withinMilliseconds, int staying)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        RendezvousServer server = TestWorld.StartServer(Size);
        ControlPlane[] planes = Ranks.Run(Size, rank => RendezvousLink.Join(Ranks.Options(rank, Size, server.EndPoint.Port)));
        server.Dispose();
        int[] order = [.. Enumerable.Range(0, Size)];
        random.Shuffle(order);
        int[] stayers = order[..staying];
        int[] leavers = order[staying..];
        TimeSpan[] moments = [.. leavers.Select(_ => TimeSpan.FromMilliseconds(random.Next(withinMilliseconds + 1)))];
        string?[] losses = new string?[Size];
        Ranks.Run(leavers.Length, who =>
        {
            Thread.Sleep(moments[who]);
            losses[leavers[who]] = planes[leavers[who]].Faults.Current?.Message;
            Ranks.LeaveAll([planes[leavers[who]]]);
        });
        foreach (int stayer in stayers)
        {
            Ranks.Await(() => planes[stayer].Faults.IsSet || Array.TrueForAll(leavers, planes[stayer].HasLeft), $"the goodbyes at rank {stayer}", seconds: 30);
            losses[stayer] = planes[stayer].Faults.Current?.Message;
        }

        Assert.Empty(losses.Index().Where(loss => loss.Item is not null).Select(loss => $"rank {loss.Index}: {loss.Item}"));
        Ranks.LeaveAll(stayers.Select(rank => planes[rank]));
    }
}
