using System.Buffers;
using System.Runtime.InteropServices;
using RdmaCollectives.Execution;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;

namespace RdmaCollectives;

/// <summary>
/// Many calls as one, run again and again on the same buffers. Nothing is sent before <see cref="Run"/>; what is added after it takes part in the next run. Run again it uses its compiled plans and allocates
/// nothing.
/// </summary>
/// <remarks>
/// <para>Small all-reduces of one type and operator (up to 64 KiB each) are fused into one. All sends and receives of a group move side by side, so a group cannot wait for itself in a circle. The collectives
/// run in the order in which they were added, the same on all ranks; the sends and receives come after them, wherever they were added.</para>
/// <para>The calls run as one: none may use memory that another one writes. Memory is pinned from the call that adds it until the group is disposed; disposing in the middle of a run takes effect at its end.
/// Deadline: each call's own.</para>
/// <para>Threading: as the communicator, one flow at a time. Groups of one communicator share nothing.</para>
/// </remarks>
public sealed unsafe partial class OperationGroup : IDisposable
{
    private readonly Engine _engine;
    private readonly CallFactory _calls;
    private readonly GroupCompiler _compiler;
    private readonly int _ranks;
    private readonly List<Call> _added = [];
    private readonly List<MemoryHandle> _pins = [];
    private readonly List<NativeBuffer> _reducers = [];
    private readonly List<GroupProgram> _programs = []; // the last one is what runs; a run of an earlier one may still be queued
    private readonly UseCount _uses = new();
    private int _compiled; // calls in the last program

    internal OperationGroup(Engine engine, CallFactory calls, Func<TransferSet> makeTransfers, int rank, int ranks)
    {
        _engine = engine;
        _calls = calls;
        _compiler = new GroupCompiler(rank, makeTransfers);
        _ranks = ranks;
    }

    /// <summary>The number of calls in the group.</summary>
    public int Count => _added.Count;

    /// <summary>Runs all calls of the group, and returns when all are done.</summary>
    /// <exception cref="ArgumentException">Two calls use the same memory, and one writes it; or what this rank sends to itself is not what it receives from itself. Nothing was sent.</exception>
    /// <exception cref="ObjectDisposedException">The group or its communicator was disposed.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    public void Run()
    {
        GroupProgram program = Hold();
        try
        {
            _engine.Run(program);
        }
        finally
        {
            _uses.Release();
        }
    }

    /// <summary>Queues a run of all calls of the group, and returns.</summary>
    /// <param name="cancellationToken">Looked at before the run is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks.</param>
    /// <returns>Done when all calls are. Await it once.</returns>
    /// <inheritdoc cref="Run"/>
    public ValueTask RunAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        GroupProgram program = Hold();
        Operation operation = _engine.Pool.Rent();
        operation.Group = program;
        operation.HoldsGroup = true;
        ValueTask task = operation.Task;
        try
        {
            _engine.Submit(operation, cancellationToken);
        }
        catch
        {
            operation.Abandon();
            throw;
        }

        return task;
    }

    /// <summary>Lets the memory go, at once or when the run that uses it ends. What was never run was never sent. Doing it again does nothing.</summary>
    public void Dispose() => _uses.Close(() =>
    {
        foreach (MemoryHandle pin in _pins)
        {
            pin.Dispose();
        }

        foreach (IDisposable memory in _reducers.Concat<IDisposable>(_programs))
        {
            memory.Dispose();
        }
    });

    private GroupProgram Hold()
    {
        ObjectDisposedException.ThrowIf(!_uses.TryHold(), this);
        try
        {
            if (_programs.Count == 0 || _compiled != _added.Count)
            {
                _programs.Add(_compiler.Compile(CollectionsMarshal.AsSpan(_added), _uses));
                _compiled = _added.Count;
            }

            return _programs[^1];
        }
        catch
        {
            _uses.Release();
            throw;
        }
    }

    private void Add(in Call call)
    {
        ObjectDisposedException.ThrowIf(_uses.IsClosed, this);
        _added.Add(call);
    }

    // Pinned until the group is disposed; a call that is refused after this leaves its memory pinned as long.
    private T* Pin<T>(ReadOnlyMemory<T> memory)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_uses.IsClosed, this);
        MemoryHandle pin = memory.Pin();
        _pins.Add(pin);
        return (T*)pin.Pointer;
    }

    private TReducer* Keep<TReducer>(TReducer reducer)
        where TReducer : unmanaged
    {
        var memory = new NativeBuffer((nuint)sizeof(TReducer));
        _reducers.Add(memory);
        *(TReducer*)memory.Address = reducer;
        return (TReducer*)memory.Address;
    }
}
