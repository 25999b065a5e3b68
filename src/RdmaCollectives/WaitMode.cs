namespace RdmaCollectives;

/// <summary>What a rank does while it waits inside a call (docs/adr/0009-waiting.md).</summary>
public enum WaitMode
{
    /// <summary>Spin for some microseconds, yield for a millisecond, then sleep until the next arrival. Least time per call, and next to no processor time where a wait is long.</summary>
    Adaptive = 0,

    /// <summary>Look without end: a processor of its own for each rank, for jitter's sake. It never yields, so with more ranks than processors calls take time slices.</summary>
    Busy = 1,

    /// <summary>Sleep at once until something arrives: least processor time, at the price of an interrupt and a wake-up for each message.</summary>
    Event = 2,
}
