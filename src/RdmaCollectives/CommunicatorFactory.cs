using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Membership;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;
using RdmaCollectives.Transports.SharedMemory;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives;

/// <summary>Makes communicators: joins, agrees, starts transports, connects, and puts the parts together.</summary>
internal static partial class CommunicatorFactory
{
    private const int FirstEpoch = 1;

    private static int s_hasWarned; // that there is no shared memory

    /// <summary>A communicator over processes.</summary>
    public static Communicator Create(ResolvedOptions options, IControlPlane control) => Create(new Origin(options, Root: null, BusyRanks: 0), control, fabric: null, FirstEpoch);

    /// <summary>A communicator whose ranks are threads of this process.</summary>
    public static Communicator CreateLocal(ResolvedOptions options, IControlPlane control, ILocalFabric fabric) => Create(new Origin(options, fabric, BusyRanks: 0), control, fabric, FirstEpoch);

    /// <summary>The communicator of this rank's group, or null where it joins none.</summary>
    private static Communicator? Split(Origin origin, IControlPlane control, int color, int key)
    {
        IControlPlane? part = control.Split(color, key, origin.Options.JoinTimeout);
        if (part is null)
        {
            return null;
        }

        Communicator communicator = Create(origin.For(part), part, origin.Root?.Part(part.Scope, part.WorldSize), FirstEpoch);
        part.StandAlone();
        return communicator;
    }

    private static Communicator Create(Origin origin, IControlPlane control, ILocalFabric? fabric, int epoch)
    {
        try
        {
            return Make(origin, control, new Succession(control, epoch), fabric, epoch);
        }
        catch
        {
            control.Leave(); // waits until the report is out; going without a goodbye would be a death, and take a rendezvous that this rank hosts with it
            control.Dispose();
            throw;
        }
    }

    // The control plane stays, whatever happens.
    private static Communicator Make(Origin origin, IControlPlane control, Succession succession, ILocalFabric? fabric, int epoch, TimeSpan? joinTimeout = null)
    {
        ResolvedOptions options = origin.Options;
        var transports = new TransportSet();
        bool haveAgreed = false;
        try
        {
            Hello[] hellos = Greet(options, control);
            haveAgreed = true;
            var context = new TransportContext
            {
                Rank = control.Rank,
                WorldSize = control.WorldSize,
                SlotBytes = options.ChunkBytes,
                SlotCount = options.Slots,
                Epoch = epoch,
                CommunicatorId = hellos[0].CommunicatorId,
                ChannelsOfLocalPairs = [.. ChannelsOfPairs(RanksOn(hellos, hellos[control.Rank].Host), control.WorldSize, options.Channels)],
                ConnectTimeout = options.JoinTimeout,
                SideChannel = new SideChannel(control),
                Options = options,
                LoggerFactory = options.LoggerFactory,
            };
            FenceOnFault(control, transports);
            if (fabric is null)
            {
                OpenFiles.Require(control.Rank, FilesNeeded(options, hellos, control.Rank));
            }

            Start(transports, context, fabric);
            ConnectionTable connections = new Wiring(control, options, transports).Connect();
            return Assemble(joinTimeout is { } later ? origin with { Options = options with { JoinTimeout = later } } : origin, control, succession, transports, connections, hellos, epoch);
        }
        catch (Exception error)
        {
            Fault? earlier = control.Faults.Current;
            if (haveAgreed)
            {
                ReportFailure(control, error); // before that every rank finds by itself what is wrong, in the same blobs; a fault would only overtake it
            }

            transports.Dispose();
            if (earlier is not null && error is CollectiveException { Error: Error.Aborted or Error.Transport })
            {
                throw new CommunicatorFaultException(earlier, operation: null, sequence: 0, error); // it failed of the fence
            }

            throw;
        }
    }

    // At least: of shared memory the own segment, its pipe, and per peer a segment and the peer's pipe; of TCP a socket per connection. What verbs needs is small.
    private static int FilesNeeded(ResolvedOptions options, Hello[] hellos, int rank)
    {
        int files = 4;
        for (int peer = 0; peer < hellos.Length; peer++)
        {
            int channels = peer == rank ? 0 : ConnectionTable.ChannelsBetween(rank, peer, hellos.Length, options.Channels);
            bool isShared = options.AllowedTransports[TransportIndex.SharedMemory] && hellos[peer].Host == hellos[rank].Host;
            files += channels == 0 ? 0 : isShared ? 2 : options.AllowedTransports[TransportIndex.Rdma] ? 0 : channels;
        }

        return files;
    }

    private static int[] RanksOn(Hello[] hellos, Guid host) => [.. Enumerable.Range(0, hellos.Length).Where(rank => hellos[rank].Host == host)];

    private static IEnumerable<int> ChannelsOfPairs(int[] ranks, int worldSize, int channels) =>
        ranks.SelectMany(rank => ranks.Where(peer => peer > rank).Select(peer => ConnectionTable.ChannelsBetween(rank, peer, worldSize, channels)));

    // A rank that waits for a peer to connect does not look at the fault flag, only at its transport.
    private static void FenceOnFault(IControlPlane control, TransportSet transports)
    {
        control.FaultArrived = transports.Fence;
        if (control.Faults.IsSet)
        {
            transports.Fence();
        }
    }

    private static Hello[] Greet(ResolvedOptions options, IControlPlane control)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        byte[][] blobs = control.AllGather(Hello.Of(options, BinaryPrimitives.ReadUInt64LittleEndian(random)).ToBytes(), options.JoinTimeout);
        Hello[] hellos = [.. blobs.Select((blob, rank) => Hello.Read(rank, blob))];
        Hello.RequireEqual(hellos);
        return hellos;
    }

    private static void Start(TransportSet transports, TransportContext context, ILocalFabric? fabric)
    {
        if (fabric is not null)
        {
            transports.Start(TransportIndex.Loopback, () => fabric.Start(context));
            return;
        }

        transports.Refuse(TransportIndex.Loopback, "ranks are processes");
        ResolvedOptions options = context.Options;
        StartAllowed(transports, TransportIndex.SharedMemory, context, isNamed: false, () => new SharedMemoryTransport(context));
        StartAllowed(transports, TransportIndex.Rdma, context, isNamed: options.Device is not null || options.GidIndex is not null || options.PartitionKey is not null, () => new RdmaTransport(context));
        StartAllowed(transports, TransportIndex.Tcp, context, isNamed: options.Interface is not null, () => new TcpTransport(context));
    }

    // What the user named has to work; what was only found possible may be done without.
    private static void StartAllowed(TransportSet transports, int index, TransportContext context, bool isNamed, Func<Transport> make)
    {
        if (!context.Options.AllowedTransports[index])
        {
            transports.Refuse(index, "not among RDMACC_TRANSPORTS");
        }
        else if (context.WorldSize > 1)
        {
            transports.Start(index, make, isNamed);
            if (transports[index] is null)
            {
                // That there is no adapter is nothing to warn of. Shared memory is everywhere, so that who does without it is told, though not again for each part of a world.
                LogLevel level = index == TransportIndex.SharedMemory && Interlocked.Exchange(ref s_hasWarned, 1) == 0 ? LogLevel.Warning : LogLevel.Information;
                CommunicatorLog.TransportNotStarted(context.LoggerFactory.CreateLogger(CommunicatorLog.Category), level, context.Rank, TransportIndex.NameOf(index), transports.WhyNot(index));
            }
        }
    }

    private static Communicator Assemble(Origin origin, IControlPlane control, Succession succession, TransportSet transports, ConnectionTable connections, Hello[] hellos, int epoch)
    {
        ResolvedOptions options = origin.Options;
        Transport[] used = transports.Keep(Enumerable.Range(0, TransportIndex.Count).Where(index => Peers(transports[index]).Any()));
        int localRank = options.LocalRank ?? hellos.Take(control.Rank).Count(hello => hello.Host == hellos[control.Rank].Host);
        int localRanks = hellos.Count(hello => hello.Host == hellos[control.Rank].Host);
        var registrations = new RegistrationTable();
        var compiler = new PlanCompiler(control.Rank, control.WorldSize, RanksPerHost(hellos), options.Channels, options.ChunkBytes, options.Slots, connections, new ScheduleSet(options.Schedules), IsOverSharedMemory(hellos));
        var sequences = new PairSequences(control.WorldSize);
        TransferSet MakeTransfers() => new(control.Rank, control.WorldSize, connections, sequences);
        int busyRanks = Math.Max(origin.BusyRanks, Hello.RivalsOf(control.Rank, hellos));
        var policy = WaitPolicy.Choose(options.Wait, busyRanks, Environment.ProcessorCount, used.Any(transport => transport is RdmaTransport), options.SpinMicroseconds);
        FlightRecorder? recorder = options.FlightRecorderEntries == 0 ? null : new FlightRecorder(options.FlightRecorderEntries, control.WorldSize, control.Pace);
        var engine = new Engine(control, new PlanCache(compiler), MakeTransfers(), registrations, used, policy, options.Timeout, epoch, recorder);
        FlightDump dump = DumpFactory.Make(options, control, engine, recorder, hellos[0].CommunicatorId);
        TransportInfo[] infos = [.. used.Select(transport => new TransportInfo(transport.Name, transport.Description, [.. Peers(transport)]))];
        CommunicatorLog.Created(options.LoggerFactory.CreateLogger(CommunicatorLog.Category), control.Rank, control.WorldSize, localRank, string.Join("; ", infos.AsEnumerable()));
        return new Communicator(new CommunicatorParts
        {
            Control = control,
            Engine = engine,
            Calls = new CallFactory(control.Rank, control.WorldSize, options.BitExact),
            MakeTransfers = MakeTransfers,
            Registrations = registrations,
            Transports = used,
            Infos = infos,
            LocalRank = localRank,
            LocalRanks = localRanks,
            Dump = dump,
            Epoch = epoch,
            Succession = succession,
            Origin = origin with { BusyRanks = busyRanks },
            Split = (color, key) => Split(origin with { BusyRanks = busyRanks }, control, color, key),
        });

        IEnumerable<int> Peers(Transport? transport) =>
            Enumerable.Range(0, control.WorldSize).Where(peer => transport is not null && connections.TransportTo(peer) == transport);
    }

    // Hosts matter to schedules where each has as many ranks, one behind the other; else every rank counts as a host of its own.
    private static int RanksPerHost(Hello[] hellos)
    {
        int count = hellos.TakeWhile(hello => hello.Host == hellos[0].Host).Count();
        bool isEven = hellos.Length % count == 0 && hellos.Chunk(count).All(chunk => chunk.All(hello => hello.Host == chunk[0].Host)) && hellos.Select(hello => hello.Host).Distinct().Count() == hellos.Length / count;
        return isEven ? count : 1;
    }

    // As all ranks see it, whichever transport two of them have found in the end.
    private static bool IsOverSharedMemory(Hello[] hellos) => Array.TrueForAll(hellos, hello => hello.Host == hellos[0].Host && hello.Allows(TransportIndex.SharedMemory));

    // The others wait for this rank: tell them why it does not come.
    private static void ReportFailure(IControlPlane control, Exception error)
    {
        if (error is not CommunicatorFaultException)
        {
            control.Report(new Fault
            {
                Error = (error as CollectiveException)?.Error ?? Error.Resource,
                Reporter = control.Rank,
                Peer = control.Rank,
                Message = $"Rank {control.Rank} could not join the communicator: {error.Message}",
            });
        }
    }
}
