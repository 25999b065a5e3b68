namespace RdmaCollectives.Bootstrap;

/// <summary>Keeps what <see cref="IMembershipEvents"/> are to be told until somebody listens, and their order while they are handed over.</summary>
internal sealed class MembershipInbox
{
    private readonly Lock _gate = new();
    private readonly Queue<Action<IMembershipEvents>> _events = new();
    private IMembershipEvents? _listener;
    private bool _isDelivering;

    /// <summary>From now on this one is told, first what has happened before. Once.</summary>
    public void Listen(IMembershipEvents listener)
    {
        lock (_gate)
        {
            _listener = listener;
        }

        Deliver();
    }

    public void Put(Action<IMembershipEvents> what)
    {
        lock (_gate)
        {
            _events.Enqueue(what);
        }

        Deliver();
    }

    // One thread at a time, outside of the lock: a listener may send, and in process that calls others, which may send back.
    private void Deliver()
    {
        while (true)
        {
            Action<IMembershipEvents>? next;
            lock (_gate)
            {
                if (_listener is null || _isDelivering || !_events.TryDequeue(out next))
                {
                    return;
                }

                _isDelivering = true;
            }

            try
            {
                next(_listener);
            }
            finally
            {
                lock (_gate)
                {
                    _isDelivering = false;
                }
            }
        }
    }
}
