namespace RdmaCollectives.Transports;

/// <summary>A transport whose peers can wake this rank by a futex: cheaper than a descriptor, and possible only where no other transport has to be waited for.</summary>
internal interface IFutexSleeper
{
    /// <summary>Between <see cref="Transport.PrepareSleep"/> and <see cref="Transport.EndSleep"/>: sleeps until a peer or <see cref="WakeSelf"/> wakes it, at most <paramref name="longest"/>. False when the time ran out.</summary>
    bool FutexSleep(TimeSpan longest);

    /// <summary>Wakes the sleeper from any thread of this process.</summary>
    void WakeSelf();
}
