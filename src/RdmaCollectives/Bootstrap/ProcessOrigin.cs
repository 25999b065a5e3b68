using System.Buffers.Binary;
using System.Globalization;

namespace RdmaCollectives.Bootstrap;

/// <summary>What tells a process from all others beside its number: the boot of its kernel, the namespace that the number counts in, and when it started (a number is used again once its process has ended).</summary>
/// <param name="BootId">/proc/sys/kernel/random/boot_id.</param>
/// <param name="PidNamespace">The inode of /proc/self/ns/pid; 0 where it is not known.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat, in clock ticks since the boot (proc_pid_stat(5)); 0 where it is not known.</param>
internal readonly record struct ProcessOrigin(Guid BootId, ulong PidNamespace, ulong StartTime)
{
    public const int ByteSize = 32;
    private const int StartTimeAfterName = 19; // fields are counted from 1; the name is field 2, and what follows it begins with 3

    /// <summary>Nothing is known: no two such processes are on one host.</summary>
    public bool IsKnown => BootId != Guid.Empty && PidNamespace != 0 && StartTime != 0;

    public static ProcessOrigin OfThisProcess()
    {
        try
        {
            string space = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name ?? ""; // pid:[4026531836]
            return new ProcessOrigin(
                Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()),
                ulong.Parse(space[(space.IndexOf('[', StringComparison.Ordinal) + 1)..^1], CultureInfo.InvariantCulture),
                StartTimeOf(Environment.ProcessId) ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentOutOfRangeException)
        {
            return default; // no /proc, or not all of it: then nobody watches this process by its number
        }
    }

    /// <summary>When a process started; null when there is none of that number, or the kernel does not say.</summary>
    public static ulong? StartTimeOf(int processId)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name may hold anything, brackets too
            return ulong.Parse(fields[StartTimeAfterName], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Whether both are numbered by one kernel in one namespace, so that one can be watched from the other.</summary>
    public bool SharesProcessNumbersWith(ProcessOrigin other) => IsKnown && other.IsKnown && BootId == other.BootId && PidNamespace == other.PidNamespace;

    public void Write(Span<byte> to)
    {
        BootId.TryWriteBytes(to);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], PidNamespace);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], StartTime);
    }

    public static ProcessOrigin Read(ReadOnlySpan<byte> from) => new(new Guid(from[..16]), BinaryPrimitives.ReadUInt64LittleEndian(from[16..]), BinaryPrimitives.ReadUInt64LittleEndian(from[24..]));
}
