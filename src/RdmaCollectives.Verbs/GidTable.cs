using System.Globalization;

namespace RdmaCollectives.Verbs;

/// <summary>Reads GID tables from sysfs: <c>ports/P/gids/I</c>, <c>gid_attrs/types/I</c> and <c>gid_attrs/ndevs/I</c> (Documentation/ABI/stable/sysfs-class-infiniband).</summary>
internal static class GidTable
{
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
