namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether the IOMMU translates every access of an RDMA adapter to memory (Documentation/ABI/testing/sysfs-kernel-iommu_groups of the kernel).</summary>
internal sealed class IommuCheck : ICheck
{
    public string Name => "iommu";

    public string Summary => "whether an IOMMU translates the adapter's accesses to memory";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string[] devices = [.. RdmaPortFiles.All(host).Where(port => !port.IsSoftware).Select(port => port.Device).Distinct(StringComparer.Ordinal)];
        return devices.Length == 0 ? [Finding.Ok("There is no RDMA adapter whose accesses could be translated.", RdmaPortFiles.Devices)] : devices.Select(device => Judge(host, device));
    }

    private static Finding Judge(HostView host, string device)
    {
        string file = $"{RdmaPortFiles.Devices}/{device}/device/iommu_group/type";
        return host.Text(file) switch
        {
            null => Finding.Ok($"No IOMMU is between {device} and memory.", $"{file}: not there"),
            "identity" => Finding.Ok($"The IOMMU passes the accesses of {device} through.", $"{file}: identity"),
            { } type => Finding.Note(
                $"The IOMMU translates every access of {device} to memory ({type}): registration takes longer, and with many registered pages its cache of translations is felt.",
                $"{file}: {type}",
                "Boot with iommu=pt (translation for guests' devices alone), unless devices must be isolated from each other."),
        };
    }
}
