using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The ways through the overlay, without sockets: who is connected, and what arrives where, with the dead and the leavers in between.</summary>
public sealed class OverlayTests
{
    [Fact]
    public void Neighbours_OfEverySize_AreMutualFewAndAllPairsUpTo64()
    {
        for (int size = 1; size <= 300; size++)
        {
            Overlay[] overlays = [.. Enumerable.Range(0, size).Select(rank => new Overlay(rank, size))];
            foreach (Overlay overlay in overlays)
            {
                Assert.Equal(size <= 64, overlay.IsAllPairs);
                Assert.True(size <= 64 ? overlay.Neighbours.Count == size - 1 : overlay.Neighbours.Count <= 2 * Math.Ceiling(Math.Log2(size)));
            }

            for (int rank = 0; rank < size; rank++)
            {
                Assert.All(overlays[rank].Neighbours, other => Assert.True(overlays[other].IsNeighbour(rank) && other != rank));
            }
        }
    }

    [Fact]
    public void Children_OfEveryRoot_AreATreeOverNeighboursThatReachesEachOnce()
    {
        foreach (int size in (int[])[65, 72, 100, 127, 128, 129, 255, 300])
        {
            Overlay[] overlays = [.. Enumerable.Range(0, size).Select(rank => new Overlay(rank, size))];
            for (int root = 0; root < size; root += 7)
            {
                int[] came = new int[size];
                var open = new Queue<int>([root]);
                while (open.TryDequeue(out int rank))
                {
                    foreach (int child in overlays[rank].Children(root))
                    {
                        Assert.True(overlays[rank].IsNeighbour(child));
                        Assert.Equal(overlays[rank].Below(child, root).Order(), Descendants(overlays, child, root).Order());
                        came[child]++;
                        open.Enqueue(child);
                    }
                }

                Assert.All(came.Where((_, rank) => rank != root), times => Assert.Equal(1, times));
                Assert.Equal(0, came[root]);
            }
        }
    }

    [Fact]
    public void Send_RandomDeaths_EveryLivingRankGetsEachFrameExactlyOnce()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int size = 1; size <= 300; size = size < 64 ? size + 9 : size + 17)
        {
            foreach (double share in (double[])[0, 0.1, 0.5, 0.9])
            {
                bool[] dead = [.. Enumerable.Range(0, size).Select(_ => random.NextDouble() < share)];
                dead[random.Next(size)] = false;
                var network = new Network(size, dead);
                int origin = Enumerable.Range(0, size).Where(rank => !dead[rank]).ElementAt(random.Next(dead.Count(d => !d)));
                foreach (FrameKind kind in (FrameKind[])[FrameKind.Fault, FrameKind.Gather, FrameKind.LeftScope, FrameKind.Lost])
                {
                    var frame = new Frame(kind, -1, 7, new byte[] { 1 });
                    if (kind == FrameKind.Lost && size > 64)
                    {
                        network.Routes[origin].Flood(frame, -1);
                    }
                    else
                    {
                        network.Routes[origin].Send(frame);
                    }

                    network.Run();
                    for (int rank = 0; rank < size; rank++)
                    {
                        int expected = rank == origin || dead[rank] ? 0 : 1;
                        Assert.True(network.Came[rank].Count == expected, $"seed {seed}, {size} ranks, {dead.Count(d => d)} dead, {kind} from {origin}: rank {rank} got {network.Came[rank].Count}");
                        network.Came[rank].Clear();
                    }
                }

                for (int destination = 0; destination < size; destination++)
                {
                    if (destination != origin && !dead[destination])
                    {
                        network.Routes[origin].Send(new Frame(FrameKind.PeerBlob, destination, 7, new byte[] { 1 }));
                        int hops = network.Run();
                        Assert.True(network.Came[destination] is [(var from, { Kind: FrameKind.PeerBlob })] && from == origin, $"seed {seed}, {size} ranks, {dead.Count(d => d)} dead, from {origin} to {destination}");
                        Assert.True(share > 0 || hops <= Math.Ceiling(Math.Log2(size)), $"{hops} hops");
                        network.Came[destination].Clear();
                    }
                }
            }
        }
    }

    [Fact]
    public void Send_OneAfterTheOther_KeepsTheOrderOfEachKind()
    {
        var network = new Network(100, new bool[100], seed: 3);
        for (int i = 0; i < 50; i++)
        {
            network.Routes[5].Send(new Frame(FrameKind.Fault, -1, (ulong)i, default));
            network.Routes[5].Send(new Frame(FrameKind.PeerBlob, 77, (ulong)i, default));
        }

        network.Run();
        foreach (IGrouping<FrameKind, (int From, Frame Frame)> kind in network.Came[77].GroupBy(came => came.Frame.Kind))
        {
            Assert.Equal(Enumerable.Range(0, 50).Select(i => (ulong)i), kind.Select(came => came.Frame.Key));
        }
    }

    [Fact]
    public void Send_RelaysDieWithWhatTheyHold_TheOthersGetAllOnceAndInOrder()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int repeat = 0; repeat < 20; repeat++)
        {
            const int Size = 80;
            var network = new Network(Size, new bool[Size], seed + repeat);
            (int From, int To)[] pairs = [.. Enumerable.Range(0, 12).Select(_ => (random.Next(Size), random.Next(Size))).Where(pair => pair.Item1 != pair.Item2).Distinct()];
            int[] inUse = [.. pairs.SelectMany(pair => (int[])[pair.From, pair.To])];
            int[] others = [.. Enumerable.Range(0, Size).Except(inUse)];
            random.Shuffle(others);
            const int Deaths = 6;
            for (int death = 0; death < Deaths; death++)
            {
                for (int i = 0; i < 10; i++)
                {
                    Array.ForEach(pairs, pair => network.Routes[pair.From].Send(new Frame(FrameKind.PeerBlob, pair.To, (ulong)((death * 10) + i), default)));
                    network.Run(most: random.Next(60));
                }

                network.Kill(others[death]);
            }

            network.RunAll();
            foreach ((int from, int to) in pairs)
            {
                Assert.True(
                    Enumerable.Range(0, 10 * Deaths).Select(i => (ulong)i).SequenceEqual(network.Came[to].Where(came => came.From == from).Select(came => came.Frame.Key)),
                    $"seed {seed}, repeat {repeat}, {from} to {to}: {string.Join(' ', network.Came[to].Where(came => came.From == from).Select(came => came.Frame.Key))}");
            }
        }
    }

    [Fact]
    public void SeenNumbers_InAnyOrder_AreNewOnce()
    {
        var random = new Random(11);
        ulong[] numbers = [.. Enumerable.Range(1, 5000).Select(n => (ulong)n)];
        for (int i = 0; i + 100 < numbers.Length; i += 100)
        {
            random.Shuffle(numbers.AsSpan(i, 200 > numbers.Length - i ? numbers.Length - i : 200));
        }

        var seen = new SeenNumbers();
        Assert.All(numbers, number => Assert.True(seen.Add(number)));
        Assert.All(numbers, number => Assert.False(seen.Add(number)));
    }

    private static IEnumerable<int> Descendants(Overlay[] overlays, int rank, int root) =>
        overlays[rank].Children(root).SelectMany(child => Descendants(overlays, child, root).Prepend(child));

    /// <summary>The routes of all ranks, with queues in place of connections, in order per pair and in any order between pairs.</summary>
    private sealed class Network
    {
        private readonly List<(int From, int To, Queue<Frame> Frames)> _links = [];
        private readonly Random _random;
        private readonly Dictionary<int, Peer>[] _peers;
        private readonly bool[] _dead;

        public Network(int size, bool[] dead, int seed = 1)
        {
            _random = new Random(seed);
            _dead = [.. dead];
            _peers = new Dictionary<int, Peer>[size];
            Came = [.. Enumerable.Range(0, size).Select(_ => new List<(int, Frame)>())];
            Routes = new MeshRoutes[size];
            for (int rank = 0; rank < size; rank++)
            {
                int own = rank;
                var overlay = new Overlay(rank, size);
                HashSet<int> direct = [.. overlay.Neighbours, .. overlay.Beside(other => dead[other])]; // after the gaps were closed
                var peers = _peers[rank] = [];
                for (int other = 0; other < size; other++)
                {
                    if (other != rank)
                    {
                        bool isDirect = direct.Contains(other);
                        peers[other] = new Peer(new MemberIdentity(new(other, size, 1, 1, "", ""), default, null)) { IsDirect = isDirect, State = dead[other] ? PeerState.Dead : PeerState.Living };
                        if (isDirect)
                        {
                            _links.Add((rank, other, peers[other].Waiting)); // no connection: what is sent waits there
                        }
                    }
                }

                Routes[rank] = new MeshRoutes(rank, size, peers, _ => false, _ => Assert.Fail("overrun"), (from, frame) => Take(own, from, frame), () => Now);
            }
        }

        public MeshRoutes[] Routes { get; }

        public List<(int From, Frame Frame)>[] Came { get; }

        private DateTime Now { get; set; } = new(2026, 1, 1);

        /// <summary>A rank dies with all that it holds and that is on its way to it; the others know at once, and close the gap.</summary>
        public void Kill(int victim)
        {
            _dead[victim] = true;
            _links.RemoveAll(link => link.From == victim || link.To == victim);
            for (int rank = 0; rank < _dead.Length; rank++)
            {
                if (_dead[rank])
                {
                    continue;
                }

                _peers[rank][victim].State = PeerState.Dead;
                Routes[rank].Ended(victim, Now);
                foreach (int beside in Routes[rank].Overlay.Beside(other => _dead[other]))
                {
                    Peer peer = _peers[rank][beside];
                    if (!peer.IsDirect)
                    {
                        peer.IsDirect = true;
                        _links.Add((rank, beside, peer.Waiting));
                    }
                }
            }
        }

        /// <summary>Until nothing is under way, and nobody waits for an answer. Returns how many frames went over connections before the answers.</summary>
        public int Run()
        {
            int count = Run(int.MaxValue);
            RunAll();
            return count;
        }

        /// <summary>As <see cref="Run()"/>, with the time that it takes until all is sent again that was lost.</summary>
        public void RunAll()
        {
            for (int i = 0; i < 20; i++)
            {
                Now += TimeSpan.FromSeconds(1);
                for (int rank = 0; rank < Routes.Length; rank++)
                {
                    if (!_dead[rank])
                    {
                        Routes[rank].Look(Now);
                    }
                }

                if (Run(int.MaxValue) == 0 && Routes.Index().All(of => _dead[of.Index] || of.Item.NextDeadline == DateTime.MaxValue))
                {
                    return;
                }
            }

            Assert.Fail("it does not come to rest");
        }

        /// <summary>So many frames over connections, if there are.</summary>
        public int Run(int most)
        {
            int count = 0;
            while (count < most)
            {
                (int From, int To, Queue<Frame> Frames)[] busy = [.. _links.Where(link => link.Frames.Count > 0)];
                if (busy.Length == 0)
                {
                    return count;
                }

                (int from, int to, Queue<Frame> frames) = busy[_random.Next(busy.Length)];
                count++;
                Take(to, from, frames.Dequeue());
            }

            return count;
        }

        private void Take(int rank, int from, Frame frame)
        {
            if (frame.Kind == FrameKind.Routed)
            {
                Routes[rank].Take(from, frame);
            }
            else
            {
                Came[rank].Add((from, frame));
            }
        }
    }
}
