using System.Globalization;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Whether the memory of a buffer is still there, as the kernel says it.</summary>
internal static unsafe class Mapping
{
    public static bool Exists<T>(RegisteredBuffer<T> buffer)
        where T : unmanaged
    {
        string begin = ((nuint)buffer.Registration.Address).ToString("x", CultureInfo.InvariantCulture) + "-";
        return File.ReadLines("/proc/self/maps").Any(line => line.StartsWith(begin, StringComparison.Ordinal) && line.Contains("rdmacc-buffer", StringComparison.Ordinal));
    }
}
