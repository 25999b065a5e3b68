namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>
/// Memory that keeps every value that a word had, and threads that may read any of them which nothing that they know of has replaced. It admits store buffers (a write is not seen by others until
/// a full barrier makes it so), loads and stores out of order, and non-temporal stores that not even a release orders: more than x86 does, and what arm64 does short of a store
/// that overtakes an earlier load. (The operational form of release/acquire with fences: Kang and others, "A promising semantics for relaxed-memory concurrency", POPL 2017, without promises.)
/// </summary>
internal sealed class ModelState
{
    private readonly List<StoredValue>[] _values;
    private readonly ThreadView[] _views;
    private readonly byte[] _signals;
    private byte[] _barrierView;

    public ModelState(int locationCount, Actor[] actors)
    {
        _values = Enumerable.Range(0, locationCount).Select(_ => new List<StoredValue> { new(0, new byte[locationCount], IsAtomic: false) }).ToArray();
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
        _values = other._values.Select(static values => new List<StoredValue>(values)).ToArray();
        _views = other._views.Select(static view => view.Copy()).ToArray();
        _signals = [.. other._signals];
        _barrierView = [.. other._barrierView];
        Actors = [.. other.Actors];
        Results = other.Results.Select(static results => new List<ulong>(results)).ToArray();
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
            OperationKind.Read or OperationKind.ReadAcquire => _values[operation.Location].Count - _views[thread].Current[operation.Location],
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
        Forget();
    }

    public UInt128 Hash()
    {
        var hash = new StateHash();
        for (int thread = 0; thread < Actors.Length; thread++)
        {
            Actors[thread].AddTo(ref hash);
            hash.Add((ulong)Results[thread].Count << 32 | (uint)(AsleepOn[thread] + 1));
            foreach (ulong result in Results[thread])
            {
                hash.Add(result);
            }

            foreach (byte[] view in _views[thread].All())
            {
                Add(ref hash, view);
            }
        }

        Add(ref hash, _barrierView);
        Add(ref hash, _signals);
        foreach (List<StoredValue> values in _values)
        {
            hash.Add((ulong)values.Count);
            foreach (StoredValue value in values)
            {
                hash.Add(value.Value << 1 | (value.IsAtomic ? 1UL : 0));
                Add(ref hash, value.View);
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
        foreach (byte[] own in new[] { view.Current, view.Released })
        {
            own[location] = Math.Max(own[location], (byte)number);
            if (acquire)
            {
                Learn(own, value.View);
            }
        }

        return value.Value;
    }

    /// <summary>Behind every value that the thread knows of; never between an exchange and what it replaced.</summary>
    private IEnumerable<int> WritePlaces(int thread, int location)
    {
        List<StoredValue> values = _values[location];
        return Enumerable.Range(_views[thread].Current[location] + 1, values.Count - _views[thread].Current[location]).Where(place => place == values.Count || !values[place].IsAtomic);
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
        _values[operation.Location].Insert(place, new StoredValue(operation.Value, known, IsAtomic: false));
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
        List<StoredValue> values = _values[operation.Location];
        ulong was = Read(thread, operation.Location, values.Count - 1 - _views[thread].Current[operation.Location], acquire: true);
        if (!compare || was == operation.Comparand)
        {
            ThreadView view = _views[thread];
            view.Current[operation.Location] = view.Released[operation.Location] = (byte)values.Count;
            values.Add(new StoredValue(operation.Value, [.. view.Released], IsAtomic: true));
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

    private IEnumerable<byte[]> AllViews() => _views.SelectMany(static view => view.All()).Append(_barrierView).Concat(_values.SelectMany(static values => values).Select(static value => value.View));

    /// <summary>Makes room for a value: those behind get the next number.</summary>
    private void Insert(int location, int place)
    {
        if (place == _values[location].Count)
        {
            return;
        }

        OwnViewsOfValues();
        foreach (byte[] view in AllViews())
        {
            view[location] += view[location] >= place ? (byte)1 : (byte)0;
        }
    }

    /// <summary>Drops values that no thread may read any more, so that a program that goes round has finitely many states.</summary>
    private void Forget()
    {
        bool isOwned = false;
        for (int location = 0; location < _values.Length; location++)
        {
            byte oldest = _views.Min(view => view.Current[location]);
            if (oldest == 0)
            {
                continue;
            }

            if (!isOwned)
            {
                OwnViewsOfValues();
                isOwned = true;
            }

            _values[location].RemoveRange(0, oldest);
            foreach (byte[] view in AllViews())
            {
                view[location] = (byte)Math.Max(0, view[location] - oldest);
            }
        }
    }

    /// <summary>Copies of a state share the views of values until one changes them.</summary>
    private void OwnViewsOfValues()
    {
        foreach (List<StoredValue> values in _values)
        {
            for (int i = 0; i < values.Count; i++)
            {
                values[i] = values[i] with { View = [.. values[i].View] };
            }
        }
    }

    private static void Learn(byte[] view, byte[] other)
    {
        for (int i = 0; i < view.Length; i++)
        {
            view[i] = Math.Max(view[i], other[i]);
        }
    }

    private static void Add(ref StateHash hash, byte[] bytes)
    {
        foreach (byte b in bytes)
        {
            hash.Add((ulong)b);
        }
    }
}
