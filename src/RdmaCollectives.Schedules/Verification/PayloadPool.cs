namespace RdmaCollectives.Schedules.Verification;

/// <summary>Payloads that are free to be used again. An empty payload is null everywhere: most messages of a proof by sample are.</summary>
internal sealed class PayloadPool<TValue>
    where TValue : struct
{
    private readonly Stack<Payload<TValue>> _free = [];

    public Payload<TValue> Rent() => _free.TryPop(out Payload<TValue>? payload) ? payload : new Payload<TValue>();

    public void Return(Payload<TValue>? payload)
    {
        if (payload is not null)
        {
            payload.Clear();
            _free.Push(payload);
        }
    }
}
