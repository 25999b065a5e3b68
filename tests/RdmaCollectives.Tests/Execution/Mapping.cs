using System.Globalization;

namespace RdmaCollectives.Tests.Execution;

/// <summary>The memory of a buffer as the kernel knows it: by the number of its file, as another test may get the same address the moment it is free.</summary>
internal sealed class Mapping
{
    private readonly string _file;

    private Mapping(string file) => _file = file;

    public bool Exists => Lines().Any(line => File(line) == _file);

    /// <summary>Of a buffer that is there.</summary>
    public static unsafe Mapping Of<T>(RegisteredBuffer<T> buffer)
        where T : unmanaged
    {
        string begin = ((nuint)buffer.Registration.Address).ToString("x", CultureInfo.InvariantCulture) + "-";
        return new Mapping(File(Assert.Single(Lines(), line => line.StartsWith(begin, StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Lines() => System.IO.File.ReadLines("/proc/self/maps").Where(static line => line.Contains("rdmacc-buffer", StringComparison.Ordinal));

    // address permissions offset device inode path
    private static string File(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
}
