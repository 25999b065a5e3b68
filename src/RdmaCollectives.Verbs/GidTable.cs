using System.Globalization;
using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// Two sources of a GID table: one call of the library, where it has that call, and the files of sysfs. A table has up to 1024 entries with three files
/// each (on Soft-RoCE it has), which takes milliseconds to read, so the call is preferred.
/// </summary>
internal static unsafe class GidTable
{
    internal static IReadOnlyList<GidEntry> Query(DeviceContext context, int port)
    {
        int capacity = context.QueryPort(port).GidCount * context.QueryDevice().PortCount;
        ibv_gid_entry[] native = new ibv_gid_entry[Math.Max(capacity, 1)];
        nint count;
        fixed (ibv_gid_entry* first = native)
            count = libibverbs._ibv_query_gid_table(context.Handle, first, (nuint)native.Length, 0, (nuint)sizeof(ibv_gid_entry));
        NativeResult.ThrowIfNegative((int)count, "ibv_query_gid_table", context);

        List<GidEntry> entries = [];
        foreach (ref ibv_gid_entry entry in native.AsSpan(0, (int)count))
        {
            if (entry.port_num != port)
                continue;
            GidType type = (ibv_gid_type)entry.gid_type switch
            {
                ibv_gid_type.IBV_GID_TYPE_IB => GidType.InfiniBand,
                ibv_gid_type.IBV_GID_TYPE_ROCE_V1 => GidType.RoceV1,
                ibv_gid_type.IBV_GID_TYPE_ROCE_V2 => GidType.RoceV2,
                _ => GidType.Unknown,
            };
            Gid gid = new(MemoryMarshal.CreateReadOnlySpan(ref entry.gid.raw[0], Gid.ByteCount));
            entries.Add(new GidEntry(context.Name, port, (int)entry.gid_index, gid, type, InterfaceName(entry.ndev_ifindex)));
        }
        entries.Sort((a, b) => a.Index.CompareTo(b.Index));
        return entries;
    }

    /// <summary>From <c>ports/P/gids/I</c>, <c>gid_attrs/types/I</c> and <c>gid_attrs/ndevs/I</c> (Documentation/ABI/stable/sysfs-class-infiniband of the kernel).</summary>
    internal static IReadOnlyList<GidEntry> Read(string devicePath, string deviceName, int port)
    {
        string portPath = Path.Combine(devicePath, "ports", port.ToString(CultureInfo.InvariantCulture));
        string gids = Path.Combine(portPath, "gids");
        if (!Directory.Exists(gids))
            throw VerbsException.FromText("read the GID table", deviceName, $"{deviceName} has no port {port}: {gids} does not exist.");

        bool isEthernet = ReadLine(Path.Combine(portPath, "link_layer")) == "Ethernet";
        List<GidEntry> entries = [];
        foreach (string file in Directory.EnumerateFiles(gids))
        {
            string name = Path.GetFileName(file);
            // Most of a table is empty, and the attributes of an empty entry cannot be read.
            if (!int.TryParse(name, CultureInfo.InvariantCulture, out int index) || !Gid.TryParse(ReadLine(file), out Gid gid) || gid.IsEmpty)
                continue;
            GidType type = ParseType(ReadLine(Path.Combine(portPath, "gid_attrs", "types", name)), isEthernet);
            entries.Add(new GidEntry(deviceName, port, index, gid, type, ReadLine(Path.Combine(portPath, "gid_attrs", "ndevs", name))));
        }
        entries.Sort((a, b) => a.Index.CompareTo(b.Index));
        return entries;
    }

    /// <summary>The kernel writes one name, <c>IB/RoCE v1</c>, for two types; the link tells which.</summary>
    internal static GidType ParseType(string? text, bool isEthernet) => text switch
    {
        "IB/RoCE v1" => isEthernet ? GidType.RoceV1 : GidType.InfiniBand,
        "RoCE v2" => GidType.RoceV2,
        _ => GidType.Unknown,
    };

    private static string? InterfaceName(uint index)
    {
        byte* name = stackalloc byte[libc.IF_NAMESIZE];
        return index != 0 && libc.if_indextoname(index, name) != null ? NativeText.Read(name, libc.IF_NAMESIZE) : null;
    }

    /// <summary>The first line, or null: a GID may vanish while its files are read (an address was removed).</summary>
    private static string? ReadLine(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length == 0 ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
