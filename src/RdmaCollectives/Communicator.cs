using System.Runtime.CompilerServices;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Configuration;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

/// <summary>
/// A group of ranks that call collectives together. Every rank makes the same calls with the same arguments in the same order.
/// </summary>
/// <remarks>
/// <para>Threading: one flow at a time. A call that enters while another thread is inside one throws <see cref="InvalidOperationException"/> before anything is sent. Several asynchronous
/// calls may be pending; they run in the order in which their methods were entered.</para>
/// <para>Memory: a call returns when nobody reads its send buffer or writes its receive buffer any more. The two are the same memory or do not overlap. Arrays and spans work as they are;
/// buffers from <see cref="Allocate{T}"/> save copies.</para>
/// <para>Faults: a rank that dies, a deadline that passes, a mismatch, an <see cref="Abort"/>: every rank throws <see cref="CommunicatorFaultException"/> (or, for the call that disagreed,
/// <see cref="CollectiveMismatchException"/>), then and from then on.</para>
/// </remarks>
public sealed partial class Communicator : IAsyncDisposable, IDisposable
{
    private readonly IControlPlane _control;
    private readonly Engine _engine;
    private readonly RegistrationTable _registrations;
    private readonly Transport[] _transports;
    private readonly CallFactory _calls;
    private readonly FlightDump _dump;
    private readonly Func<int, int, Communicator?> _split;
    private readonly Origin _origin;
    private readonly Membership.Succession _succession;
    private bool _isSucceeded;
    private int _disposed;

    internal Communicator(CommunicatorParts parts)
    {
        _control = parts.Control;
        _engine = parts.Engine;
        _calls = parts.Calls;
        _makeTransfers = parts.MakeTransfers;
        _registrations = parts.Registrations;
        _transports = parts.Transports;
        _split = parts.Split;
        _dump = parts.Dump;
        _origin = parts.Origin;
        _succession = parts.Succession;
        Epoch = parts.Epoch;
        Transports = parts.Infos;
        LocalRank = parts.LocalRank;
        LocalWorldSize = parts.LocalRanks;
    }

    /// <summary>This rank, 0 to <see cref="WorldSize"/> - 1.</summary>
    public int Rank => _control.Rank;

    /// <summary>The number of ranks.</summary>
    public int WorldSize => _control.WorldSize;

    /// <summary>This rank's place among the ranks of its host, from 0.</summary>
    public int LocalRank { get; }

    /// <summary>The number of ranks on this rank's host.</summary>
    public int LocalWorldSize { get; }

    /// <summary>The transports to the other ranks: which, why, and for whom. Empty in a world of one.</summary>
    public IReadOnlyList<TransportInfo> Transports { get; }

    /// <summary>Makes a communicator of all processes of the job. Rank, size and rendezvous come from <paramref name="options"/>, the launcher's environment, or neither (a world of one).</summary>
    /// <param name="options">How; null for the environment alone.</param>
    /// <param name="cancellationToken">Ends the joining.</param>
    /// <exception cref="ArgumentException">An option is wrong; all violations in one message.</exception>
    /// <exception cref="RendezvousException">The ranks could not be brought together.</exception>
    /// <exception cref="CollectiveException">The system refused something; the message says what and the remedy.</exception>
    public static Communicator Create(CommunicatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ResolvedOptions resolved = OptionResolver.Resolve(options);
        if (resolved.IsNewcomer)
        {
            return CommunicatorFactory.CreateNewcomer(resolved, cancellationToken);
        }

        return CommunicatorFactory.Create(resolved, WorldJoin.Join(resolved, cancellationToken));
    }

    /// <inheritdoc cref="Create"/>
    public static Task<Communicator> CreateAsync(CommunicatorOptions? options = null, CancellationToken cancellationToken = default) =>
        // Joining blocks on sockets and maps memory: a thread of its own, so that ranks of one process cannot starve each other of pool threads.
        Task.Factory.StartNew(() => Create(options, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Makes <paramref name="ranks"/> ranks inside this process, over memory of the process.</summary>
    /// <param name="ranks">How many.</param>
    /// <param name="options">Sizes, channels and deadlines; what concerns processes and hosts has no meaning here.</param>
    public static LocalGroup CreateLocalGroup(int ranks, CommunicatorOptions? options = null) => LocalGroup.Create(ranks, options);

    /// <inheritdoc cref="CreateLocalGroup"/>
    public static Task<LocalGroup> CreateLocalGroupAsync(int ranks, CommunicatorOptions? options = null) => Task.Run(() => LocalGroup.Create(ranks, options));

    /// <summary>Makes the communicator unusable on all ranks. Returns at once; calls that run anywhere end within a second with <see cref="Error.Aborted"/>. From any thread, in any state: also while another thread waits in <see cref="Dispose"/>, which then ends soon. A rank that is in a reducer ends when that returns.</summary>
    public void Abort() => _engine.Abort(Error.Aborted, $"Rank {Rank} aborted the communicator.");

    /// <summary>Waits for this rank's running and queued calls (up to the deadline), says goodbye and frees everything. Local: does not wait for other ranks. Never throws for a fault.</summary>
    /// <exception cref="InvalidOperationException">A reducer called: it would wait for itself.</exception>
    public void Dispose()
    {
        if (ProgressToken.IsHeldByThisThread)
        {
            throw new InvalidOperationException("A communicator was disposed from a reducer: a reducer computes on its operands and nothing else.");
        }

        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        DumpThread.Shared.Remove(_dump);
        if (!_engine.TryStop())
        {
            _control.Leave();
            return; // a thread that does not come back from a reducer may still touch the rest: it stays until the process ends
        }

        if (!_control.Faults.IsSet)
        {
            foreach (Transport transport in _transports)
            {
                transport.Linger(); // before the goodbye: a peer that has heard it waits only a moment for what was sent earlier
            }

            _engine.ReportUndelivered();
        }

        _succession.Leave();
        _control.Leave();
        foreach (Transport transport in _transports)
        {
            transport.Dispose();
        }

        _control.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
