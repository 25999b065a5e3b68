using System.Diagnostics;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Waits that end: a hang is a failure with a name, not a suite that never comes back.</summary>
internal static class Deadline
{
    /// <summary>Far more than anything here takes, also on a machine with other work.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    /// <summary>Runs something on a thread of its own and returns what it threw, or null.</summary>
    public static Task<Exception?> Start(Action body)
    {
        var result = new TaskCompletionSource<Exception?>();
        new Thread(() => result.SetResult(Record.Exception(body))) { IsBackground = true }.Start();
        return result.Task;
    }

    public static Exception? Wait(Task<Exception?> running) =>
        running.Wait(Long) ? running.Result : throw new TimeoutException($"Not over after {Long.TotalSeconds} s.");

    /// <summary>Waits for an operation without a continuation, so that no thread of the pool is needed.</summary>
    public static Exception? Wait(ValueTask task)
    {
        Until(() => task.IsCompleted);
        return Record.Exception(() => task.GetAwaiter().GetResult());
    }

    public static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Long, $"Not so after {Long.TotalSeconds} s.");
            Thread.Sleep(1);
        }
    }
}
