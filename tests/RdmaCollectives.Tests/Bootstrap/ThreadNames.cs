namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The names of this process' threads, as /proc shows them to everybody.</summary>
internal static class ThreadNames
{
    public static IEnumerable<string> OfThisProcess() => Directory.GetDirectories("/proc/self/task").Select(Read).OfType<string>();

    // A thread can end between its place in the directory and its file. Opening the file says ENOENT then, reading an open one ESRCH.
    private static string? Read(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
