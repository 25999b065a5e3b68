using System.Diagnostics.CodeAnalysis;

namespace RdmaCollectives.Bootstrap;

/// <summary>What the ranks of one in-process group have put down for each other, by (round or key, from, to).</summary>
internal sealed class LocalExchange(int ranks)
{
    private readonly Dictionary<(int Round, int From, int To), byte[]> _blobs = [];

    public LocalControlPlane?[] Members { get; } = new LocalControlPlane?[ranks];

    public void Put((int Round, int From, int To) key, byte[] blob)
    {
        lock (_blobs)
        {
            _blobs[key] = blob;
            Monitor.PulseAll(_blobs);
        }
    }

    public bool TryTake((int Round, int From, int To) key, bool remove, [NotNullWhen(true)] out byte[]? blob)
    {
        lock (_blobs)
        {
            bool found = _blobs.TryGetValue(key, out blob);
            if (found && remove)
            {
                _blobs.Remove(key);
            }

            return found;
        }
    }

    /// <summary>Wakes all that wait, for a fault.</summary>
    public void Pulse()
    {
        lock (_blobs)
        {
            Monitor.PulseAll(_blobs);
        }
    }

    /// <summary>Waits a little for a change; may return without one.</summary>
    public void WaitForChange(TimeSpan longest)
    {
        lock (_blobs)
        {
            Monitor.Wait(_blobs, longest < TimeSpan.FromMilliseconds(20) ? longest : TimeSpan.FromMilliseconds(20));
        }
    }
}
