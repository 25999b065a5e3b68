namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>
/// Memory that keeps every value that a word had, and threads that may read any of them which nothing that they know of has replaced. It admits store buffers (a write is not seen by others until
/// a full barrier makes it so), loads and stores out of order, and non-temporal stores that not even a release orders: more than x86 does, and what arm64 does short of a store
/// that overtakes an earlier load. (The operational form of release/acquire with fences: Kang and others, "A promising semantics for relaxed-memory concurrency", POPL 2017, without promises.)
/// </summary>
internal sealed class ModelState
{
    // Per location, oldest first; the arrays are shared by copies of a state and replaced when something is written.
    private readonly StoredValue[][] _values;
    private readonly ThreadView[] _views;
    private readonly byte[] _signals;
    private byte[] _barrierView;

    public ModelState(int locationCount, Actor[] actors)
    {
        _values = Enumerable.Range(0, locationCount).Select(_ => new StoredValue[] { new(0, new byte[locationCount], IsAtomic: false) }).ToArray();
        _views = actors.Select(_ => new ThreadView(new byte[locationCount], new byte[locationCount], new byte[locationCount], new byte[locationCount])).ToArray();
        _signals = new byte[locationCount];
        _barrierView = new byte[locationCount];
        Actors = actors;
        Results = actors.Select(static _ => new List<ulong>()).ToArray();
        Pending = new ModelOperation?[actors.Length];
        AsleepOn = Enumerable.Repeat(-1, actors.Length).ToArray();
    }

    private ModelState(ModelState other)
    {
        _values = [.. other._values];
        _views = Array.ConvertAll(other._views, static view => view.Copy());
        _signals = [.. other._signals];
        _barrierView = [.. other._barrierView];
        Actors = [.. other.Actors];
        Results = Array.ConvertAll(other.Results, static results => new List<ulong>(results));
        Pending = [.. other.Pending];
        AsleepOn = [.. other.AsleepOn];
    }

    /// <summary>Threads as they were before the call that they are in.</summary>
    public Actor[] Actors { get; }

    /// <summary>Per thread, the results of the operations of the call that it is in.</summary>
    public List<ulong>[] Results { get; }

    /// <summary>Per thread, its next operation; null when it is done.</summary>
    public ModelOperation?[] Pending { get; }

    /// <summary>Per thread, the futex that it sleeps on, or -1.</summary>
    public int[] AsleepOn { get; }

    public ModelState Copy() => new(this);

    /// <summary>In how many ways a thread can go on: one per value that it may read, or per place that its value may take; 0 while it sleeps.</summary>
    public int ChoiceCount(int thread)
    {
        if (AsleepOn[thread] >= 0 || Pending[thread] is not { } operation)
        {
            return 0;
        }

        return operation.Kind switch
        {
            OperationKind.Read or OperationKind.ReadAcquire => _values[operation.Location].Length - _views[thread].Current[operation.Location],
            OperationKind.Write or OperationKind.WriteNonTemporal or OperationKind.WriteRelease => WritePlaces(thread, operation.Location).Count(),
            OperationKind.Poll => _signals[operation.Location],
            _ => 1,
        };
    }

    /// <summary>Does the pending operation of a thread in one of its ways.</summary>
    public void Apply(int thread, int choice)
    {
        ModelOperation operation = Pending[thread]!.Value;
        ulong result = operation.Kind switch
        {
            OperationKind.Read => Read(thread, operation.Location, choice, acquire: false),
            OperationKind.ReadAcquire => Read(thread, operation.Location, choice, acquire: true),
            OperationKind.Write or OperationKind.WriteNonTemporal or OperationKind.WriteRelease => Write(thread, operation, WritePlaces(thread, operation.Location).ElementAt(choice)),
            OperationKind.Publish => Publish(thread),
            OperationKind.FullBarrier => FullBarrier(thread),
            OperationKind.Exchange => Exchange(thread, operation, compare: false),
            OperationKind.CompareExchange => Exchange(thread, operation, compare: true),
            OperationKind.FutexWait => FutexWait(thread, operation),
            OperationKind.FutexWake => FutexWake(thread, operation.Location),
            OperationKind.Signal => Signal(thread, operation.Location, 1),
            OperationKind.Poll => Signal(thread, operation.Location, 0),
            _ => throw new InvalidOperationException($"{operation.Kind} is not modelled."),
        };
        Results[thread].Add(result);
    }

    /// <summary>Of what decides how the program goes on. Values that no thread may read any more do not, so that a program that goes round has finitely many states.</summary>
    public UInt128 Hash()
    {
        Span<byte> oldest = stackalloc byte[_values.Length];
        oldest.Fill(byte.MaxValue);
        foreach (ThreadView view in _views)
        {
            for (int location = 0; location < oldest.Length; location++)
            {
                oldest[location] = Math.Min(oldest[location], view.Current[location]);
            }
        }

        var hash = new StateHash();
        for (int thread = 0; thread < Actors.Length; thread++)
        {
            Actors[thread].AddTo(ref hash);
            hash.Add((ulong)Results[thread].Count << 32 | (uint)(AsleepOn[thread] + 1));
            foreach (ulong result in Results[thread])
            {
                hash.Add(result);
            }

            foreach (byte[] view in _views[thread].All)
            {
                hash.AddFrom(oldest, view);
            }
        }

        hash.AddFrom(oldest, _barrierView);
        hash.AddFrom([], _signals);
        for (int location = 0; location < _values.Length; location++)
        {
            hash.Add((ulong)(_values[location].Length - oldest[location]));
            foreach (StoredValue value in _values[location].AsSpan(oldest[location]))
            {
                hash.Add(value.Value << 1 | (value.IsAtomic ? 1UL : 0));
                hash.AddFrom(oldest, value.View);
            }
        }

        return hash.Value;
    }

    private ulong Read(int thread, int location, int choice, bool acquire)
    {
        ThreadView view = _views[thread];
        int number = view.Current[location] + choice;
        StoredValue value = _values[location][number];
        Learn(view.Unacquired, value.View);
        view.Current[location] = (byte)number;
        view.Released[location] = Math.Max(view.Released[location], (byte)number);
        if (acquire)
        {
            Learn(view.Current, value.View);
            Learn(view.Released, value.View);
        }

        return value.Value;
    }

    /// <summary>Behind every value that the thread knows of; never between an exchange and what it replaced.</summary>
    private IEnumerable<int> WritePlaces(int thread, int location)
    {
        StoredValue[] values = _values[location];
        int first = _views[thread].Current[location] + 1;
        return Enumerable.Range(first, values.Length - first + 1).Where(place => place == values.Length || !values[place].IsAtomic);
    }

    private ulong Write(int thread, ModelOperation operation, int place)
    {
        Insert(operation.Location, place);
        ThreadView view = _views[thread];
        view.Current[operation.Location] = (byte)place;
        if (operation.Kind != OperationKind.WriteNonTemporal)
        {
            view.Released[operation.Location] = (byte)place;
        }

        byte[] known = [.. operation.Kind == OperationKind.WriteRelease ? view.Released : view.Fenced];
        known[operation.Location] = (byte)place;
        StoredValue[] values = _values[operation.Location];
        _values[operation.Location] = [.. values[..place], new StoredValue(operation.Value, known, IsAtomic: false), .. values[place..]];
        return 0;
    }

    private ulong Publish(int thread)
    {
        ThreadView view = _views[thread];
        Learn(view.Released, view.Current);
        Learn(view.Fenced, view.Current);
        return 0;
    }

    private ulong FullBarrier(int thread)
    {
        ThreadView view = _views[thread];
        Learn(view.Current, view.Unacquired);
        Learn(view.Current, _barrierView);
        _barrierView = [.. view.Current];
        return Publish(thread);
    }

    private ulong Exchange(int thread, ModelOperation operation, bool compare)
    {
        FullBarrier(thread);
        StoredValue[] values = _values[operation.Location];
        ulong was = Read(thread, operation.Location, values.Length - 1 - _views[thread].Current[operation.Location], acquire: true);
        if (!compare || was == operation.Comparand)
        {
            ThreadView view = _views[thread];
            view.Current[operation.Location] = view.Released[operation.Location] = (byte)values.Length;
            _values[operation.Location] = [.. values, new StoredValue(operation.Value, [.. view.Released], IsAtomic: true)];
        }

        FullBarrier(thread);
        return was;
    }

    private ulong FutexWait(int thread, ModelOperation operation)
    {
        FullBarrier(thread);
        if (_values[operation.Location][^1].Value == operation.Comparand)
        {
            AsleepOn[thread] = operation.Location;
        }

        return 0;
    }

    private ulong FutexWake(int thread, int location)
    {
        FullBarrier(thread);
        for (int other = 0; other < AsleepOn.Length; other++)
        {
            AsleepOn[other] = AsleepOn[other] == location ? -1 : AsleepOn[other];
        }

        return 0;
    }

    private ulong Signal(int thread, int location, byte value)
    {
        FullBarrier(thread);
        _signals[location] = value;
        return 0;
    }

    /// <summary>Makes room for a value among others: those behind it get the next number.</summary>
    private void Insert(int location, int place)
    {
        if (place == _values[location].Length)
        {
            return;
        }

        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = Array.ConvertAll(_values[i], static value => value with { View = [.. value.View] });
        }

        foreach (byte[] view in _views.SelectMany(static view => view.All).Append(_barrierView).Concat(_values.SelectMany(static values => values).Select(static value => value.View)))
        {
            view[location] += view[location] >= place ? (byte)1 : (byte)0;
        }
    }

    private static void Learn(byte[] view, byte[] other)
    {
        for (int i = 0; i < view.Length; i++)
        {
            view[i] = Math.Max(view[i], other[i]);
        }
    }
}
