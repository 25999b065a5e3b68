using System.Runtime.ExceptionServices;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Configuration;
using RdmaCollectives.Transports.Loopback;

namespace RdmaCollectives;

/// <summary>Ranks as threads of this process, each with a communicator: for tests, for trying things out, for programs that use threads as ranks.</summary>
public sealed class LocalGroup : IAsyncDisposable, IDisposable
{
    private readonly Communicator[] _communicators;

    private LocalGroup(Communicator[] communicators) => _communicators = communicators;

    /// <summary>The number of ranks.</summary>
    public int Count => _communicators.Length;

    /// <summary>The communicator of a rank. Use each from one flow at a time.</summary>
    public Communicator this[int rank] => _communicators[rank];

    /// <summary>Runs <paramref name="body"/> once per rank, each on a thread of its own, and returns when all have ended.</summary>
    /// <param name="body">What each rank does, with its communicator.</param>
    /// <exception cref="AggregateException">More than one rank threw. Where one alone did, its exception is thrown as it is. A rank that throws aborts its communicator, so that the others do not wait for it.</exception>
    public void Run(Action<Communicator> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var errors = new Exception?[_communicators.Length];
        Thread[] threads = [.. _communicators.Select((communicator, rank) => new Thread(() =>
        {
            try
            {
                body(communicator);
            }
            catch (Exception error)
            {
                errors[rank] = error;
                communicator.Abort();
            }
        })
        {
            Name = $"rank {rank}",
            IsBackground = true,
        })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Throw(errors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Communicator communicator in _communicators)
        {
            communicator.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal static LocalGroup Create(int ranks, CommunicatorOptions? options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ranks, 1024);
        // The environment speaks of processes: a group of threads takes what its caller says, and the defaults.
        ResolvedOptions resolved = OptionResolver.Resolve(options ?? new CommunicatorOptions(), new OptionInputs(new Dictionary<string, string>(StringComparer.Ordinal), File.ReadAllText));
        var fabric = new LoopbackFabric(ranks);
        ControlPlane[] controls = LocalLink.CreateGroup(ranks);
        var communicators = new Communicator[ranks];
        Task[] tasks = [.. Enumerable.Range(0, ranks).Select(rank => Task.Factory.StartNew(
            () => communicators[rank] = CommunicatorFactory.CreateLocal(resolved with { Rank = rank, WorldSize = ranks }, controls[rank], fabric),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        try
        {
            Task.WaitAll(tasks);
        }
        catch (AggregateException)
        {
            foreach (Communicator? made in communicators)
            {
                made?.Dispose();
            }

            Throw([.. tasks.Select(task => task.Exception?.InnerException)]);
        }

        return new LocalGroup(communicators);
    }

    // A rank that only heard of another's failure is not the story.
    private static void Throw(Exception?[] errors)
    {
        Exception[] thrown = [.. errors.OfType<Exception>()];
        Exception[] causes = [.. thrown.Where(error => error is not CommunicatorFaultException)];
        causes = causes.Length > 0 ? causes : [.. thrown.Where(error => error is not CommunicatorFaultException { Reason: Error.Aborted })];
        Exception[] told = causes.Length > 0 ? causes : thrown;
        if (told.Length == 1)
        {
            ExceptionDispatchInfo.Throw(told[0]);
        }

        if (told.Length > 1)
        {
            throw new AggregateException("More than one rank threw.", told);
        }
    }
}
