namespace RdmaCollectives.Tests.Collectives;

/// <summary>Sends and receives of changing lengths, types, peers and memory, again and again: what one call leaves behind is of no use to another.</summary>
public sealed class TransferShapesTests
{
    private const int Ranks = 3;
    private const int Rounds = 200;

    [Fact]
    public void SendReceive_ShapesInTurns_EachGetsItsOwn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(Ranks, new CommunicatorOptions { Timeout = TimeSpan.FromSeconds(60) });
        group.Run(static communicator =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                int distance = 1 + (round % (Ranks - 1));
                Exchange(communicator, distance, 1 + (round % 5), static value => (float)value);
                Exchange(communicator, distance, 1 + (round % 5), static value => value);
                Exchange(communicator, distance, 1 + (round % 3), static value => (byte)value);
            }
        });
    }

    [Fact]
    public void Receive_FromAnyBetweenOthers_TakesEachOnce()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(Ranks, new CommunicatorOptions { Timeout = TimeSpan.FromSeconds(60) });
        group.Run(static communicator =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                int[] value = [(round * Ranks) + communicator.Rank];
                if (communicator.Rank != 0)
                {
                    communicator.Send<int>(value, 0);
                    communicator.Receive<int>(value, 0);
                    Assert.Equal(round, value[0]);
                    continue;
                }

                int sum = 0;
                for (int i = 1; i < Ranks; i++)
                {
                    int source = communicator.ReceiveAny<int>(value);
                    Assert.Equal((round * Ranks) + source, value[0]);
                    sum += source;
                }

                Assert.Equal(Ranks * (Ranks - 1) / 2, sum);
                for (int peer = 1; peer < Ranks; peer++)
                {
                    communicator.Send<int>([round], peer);
                }
            }
        });
    }

    private static void Exchange<T>(Communicator communicator, int distance, int length, Func<int, T> make)
        where T : unmanaged
    {
        int to = (communicator.Rank + distance) % Ranks, from = (communicator.Rank + Ranks - distance) % Ranks;
        var send = new T[length];
        var receive = new T[length];
        for (int i = 0; i < length; i++)
        {
            send[i] = make((communicator.Rank * 10) + i);
        }

        communicator.SendReceive<T>(send, to, receive, from);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(make((from * 10) + i), receive[i]);
        }
    }
}
