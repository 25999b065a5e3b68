using RdmaCollectives.Simulation.Scheduling;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Simulation.Network;

/// <summary>What the simulated transports of one communicator share: the pipes between its ranks.</summary>
internal sealed class SimFabric(SimWorld world, int ranks) : ILocalFabric
{
    private readonly Dictionary<(int From, int To, int Channel), SimPipe> _pipes = [];
    private readonly Dictionary<ulong, SimFabric> _parts = [];
    private readonly SimTransport?[] _transports = new SimTransport?[ranks];

    public SimWorld World => world;

    public Transport Start(TransportContext context)
    {
        var transport = new SimTransport(context, this, Fiber.Current!.Process);
        if (_transports[context.Rank] is { } other && other.Process != transport.Process)
        {
            world.Scheduler.Fail($"ranks {other.Process.Rank} and {transport.Process.Rank} are both rank {context.Rank} of one communicator");
        }

        _transports[context.Rank] = transport;
        return transport;
    }

    public ILocalFabric Part(ulong scope, int members)
    {
        if (!_parts.TryGetValue(scope, out SimFabric? part))
        {
            _parts[scope] = part = new SimFabric(world, members);
        }
        else if (part._transports.Length != members)
        {
            world.Scheduler.Fail($"a communicator has {part._transports.Length} members to one and {members} to another");
        }

        return part;
    }

    public SimTransport? this[int rank] => _transports[rank];

    /// <summary>The processes behind its ranks, as far as they have come.</summary>
    public IEnumerable<int> JobRanks => _transports.Select(transport => transport?.Process.Rank ?? -1);

    /// <summary>The pipe of one direction; whoever asks first makes it.</summary>
    public SimPipe Pipe(int from, int to, int channel, TransportContext context)
    {
        if (!_pipes.TryGetValue((from, to, channel), out SimPipe? pipe))
        {
            _pipes[(from, to, channel)] = pipe = new SimPipe(this, from, to, context.SlotBytes, context.SlotCount);
        }

        return pipe;
    }

    public IEnumerable<SimPipe> PipesFrom(int rank) => _pipes.Where(pipe => pipe.Key.From == rank).Select(pipe => pipe.Value);
}
