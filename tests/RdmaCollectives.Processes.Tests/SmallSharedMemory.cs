using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Processes.Tests;

/// <summary>A /dev/shm of a size of its own, as a container has: in a mount namespace, which lives as long as a process in it. Needs root, and util-linux.</summary>
internal sealed class SmallSharedMemory : IDisposable
{
    private static readonly Lazy<string?> s_whyNot = new(Probe);

    private readonly Process _holder;

    public SmallSharedMemory(string size)
    {
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size={size} tmpfs /dev/shm && echo there && exec sleep 600"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "there")
        {
            string why = _holder.StandardError.ReadToEnd();
            Dispose();
            throw new InvalidOperationException(why);
        }
    }

    /// <summary>Why there can be none here; null where there can. Tried once.</summary>
    public static string? WhyNot() => s_whyNot.Value;

    private static string? Probe()
    {
        try
        {
            new SmallSharedMemory("1m").Dispose();
            return null;
        }
        catch (Exception e)
        {
            return $"a /dev/shm of its own needs root and mount namespaces: {e.Message}";
        }
    }

    /// <summary>Words in front of a program that is to run there.</summary>
    public IReadOnlyList<string> Starter => ["nsenter", "--target", _holder.Id.ToString(CultureInfo.InvariantCulture), "--mount"];

    public void Dispose()
    {
        if (!_holder.HasExited)
        {
            _holder.Kill();
        }

        _holder.WaitForExit(5000);
        _holder.Dispose();
    }
}
