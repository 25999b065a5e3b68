using System.Buffers.Binary;
using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>PCIe Access Control Services on the bridges between a GPU and an adapter: they send what one device writes to the other around by the root complex.</summary>
internal sealed class AcsCheck : ICheck
{
    private const string Buses = "/sys/bus/pci/devices";
    private const int FirstExtendedCapability = 0x100;
    private const int CapabilityOfAcs = 0x000D; // PCI_EXT_CAP_ID_ACS in linux/pci_regs.h
    private const int ControlOffset = 6;
    private const int Redirections = 0x04 | 0x08 | 0x10; // request, completion, upstream

    public string Name => "acs";

    public string Summary => "PCIe access control that redirects traffic between a GPU and an adapter";

    public IEnumerable<Finding> Examine(HostView host)
    {
        if (!GpuMemoryCheck.HasGpu(host) || host.Entries(RdmaPortFiles.Devices).Count == 0)
        {
            yield return Finding.Ok("There is no pair of GPU and RDMA adapter that access control could keep apart.", $"{Buses}; {RdmaPortFiles.Devices}");
            yield break;
        }

        string[] bridges = [.. host.Entries(Buses).Where(device => host.Text($"{Buses}/{device}/class")?.StartsWith("0x0604", StringComparison.Ordinal) == true)];
        (string Bridge, int? Control)[] seen = [.. bridges.Select(bridge => (bridge, Control(host.Bytes($"{Buses}/{bridge}/config"))))];
        string[] redirecting = [.. seen.Where(bridge => ((bridge.Control ?? 0) & Redirections) != 0).Select(bridge => string.Create(CultureInfo.InvariantCulture, $"{bridge.Bridge} {bridge.Control:x4}"))];
        if (redirecting.Length > 0)
        {
            yield return Finding.Note(
                $"Access control on {redirecting.Length} PCIe bridges sends traffic between devices around by the root complex: memory of a GPU is then slower to reach for an adapter.",
                $"{Buses}/*/config, ACS control: {string.Join(", ", redirecting)}",
                "Turn ACS off in the firmware's set-up, or per bridge: setpci -s BRIDGE ECAP_ACS+0x6.w=0000 (each boot; not where guests own devices).");
        }
        else if (bridges.Length > 0 && bridges.All(bridge => (host.Bytes($"{Buses}/{bridge}/config")?.Length ?? 0) <= FirstExtendedCapability))
        {
            yield return Finding.Note("Whether access control is on can't be read.", $"{Buses}/*/config: the first 64 or 256 bytes only", "Run as root.");
        }
        else
        {
            yield return Finding.Ok("No PCIe bridge redirects traffic between devices.", $"{Buses}: {bridges.Length} bridges");
        }
    }

    /// <summary>The control register of ACS in a configuration space; null where there is none.</summary>
    private static int? Control(byte[]? space)
    {
        int offset = FirstExtendedCapability;
        for (int step = 0; step < 64 && space is not null && offset >= FirstExtendedCapability && offset + 8 <= space.Length; step++)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(space.AsSpan(offset));
            if ((header & 0xFFFF) == CapabilityOfAcs)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(space.AsSpan(offset + ControlOffset));
            }

            offset = (int)(header >> 20);
        }

        return null;
    }
}
