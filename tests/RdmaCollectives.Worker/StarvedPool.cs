namespace RdmaCollectives.Worker;

/// <summary>Puts every thread of the pool into a synchronous collective whose other rank never comes. For the rest of the process.</summary>
internal static class StarvedPool
{
    /// <summary>Returns the number of threads that sit there: all that the pool may have.</summary>
    public static int Start()
    {
        ThreadPool.GetMinThreads(out int least, out int ports);
        int threads = Math.Max(least, Environment.ProcessorCount);
        ThreadPool.SetMinThreads(threads, ports);
        ThreadPool.SetMaxThreads(threads, Math.Max(threads, ports));
        LocalGroup[] groups = [.. Enumerable.Range(0, threads).Select(_ => Communicator.CreateLocalGroup(2, new CommunicatorOptions { Timeout = TimeSpan.FromMinutes(10) }))];
        using var entered = new CountdownEvent(threads);
        foreach (LocalGroup group in groups)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                one =>
                {
                    entered.Signal();
                    one[0].AllReduce(new int[1].AsSpan(), ReduceOp.Sum);
                },
                group,
                preferLocal: false);
        }

        if (!entered.Wait(TimeSpan.FromSeconds(20)))
        {
            throw new TimeoutException($"{entered.CurrentCount} of {threads} threads of the pool did not begin.");
        }

        return threads;
    }
}
