namespace RdmaCollectives.Timing;

/// <summary>An event that one thread waits for and another sets, as <see cref="ManualResetEventSlim"/> (which it is where time is real).</summary>
internal sealed class Signal(Pace pace)
{
    private readonly ManualResetEventSlim _real = new();

    public void Reset() => _real.Reset();

    public void Set()
    {
        _real.Set();
        if (!pace.IsReal)
        {
            lock (_real)
            {
                pace.PulseAll(_real);
            }
        }
    }

    /// <summary>Waits until it is set, however long that takes.</summary>
    public void Wait()
    {
        if (pace.IsReal)
        {
            _real.Wait();
            return;
        }

        lock (_real)
        {
            while (!_real.IsSet)
            {
                pace.Wait(_real, TimeSpan.MaxValue);
            }
        }
    }
}
