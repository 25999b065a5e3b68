using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>RDMA devices, their nodes under /dev, and the library that opens them.</summary>
internal sealed class RdmaDevicesCheck : ICheck
{
    private const string VerbsDevices = "/sys/class/infiniband_verbs";

    public string Name => "rdma-devices";

    public string Summary => "RDMA devices, their nodes under /dev/infiniband, and rdma-core";

    public IEnumerable<Finding> Examine(HostView host)
    {
        IReadOnlyList<string> devices = host.Entries(RdmaPortFiles.Devices);
        if (devices.Count == 0)
        {
            yield return None(host);
            yield break;
        }

        string evidence = $"{RdmaPortFiles.Devices}: {string.Join(", ", devices)}";
        string[] names = [.. host.SetValue("RDMACC_DEVICE")?.Split(',', StringSplitOptions.TrimEntries).Select(name => name.Split(':')[0]).Distinct(StringComparer.Ordinal) ?? []];
        foreach (string named in names.Except(devices, StringComparer.Ordinal))
        {
            yield return Finding.Problem($"RDMACC_DEVICE names {named}, and there is no such device.", evidence, $"RDMACC_DEVICE={devices[0]}, or unset it: the library then takes the first device with an active port.");
        }

        string[] hidden = [.. devices.Where(device => !HasNode(host, device))];
        foreach (string device in hidden)
        {
            string node = NodeOf(host, device) is { } known ? $"/dev/infiniband/{known}" : "/dev/infiniband/uverbsN";
            string text = $"{device} is in this kernel, and this process has no node to open it by.";
            string remedy = $"In a container: --device {node} --device /dev/infiniband/rdma_cm. On a host: modprobe ib_uverbs.";
            yield return hidden.Length == devices.Count || names.Contains(device, StringComparer.Ordinal) ? Finding.Problem(text, $"{node}: missing", remedy) : Finding.Note(text, $"{node}: missing", remedy);
        }

        if (hidden.Length < devices.Count && host.Probe.VerbsProblem is { } problem)
        {
            yield return Finding.Problem($"The devices can't be used: {problem}", evidence, "Debian, Ubuntu: apt install libibverbs1 ibverbs-providers; Fedora, RHEL: dnf install libibverbs.");
        }
        else if (hidden.Length < devices.Count)
        {
            yield return Finding.Ok(string.Create(CultureInfo.InvariantCulture, $"{devices.Count - hidden.Length} of {devices.Count} RDMA devices can be opened."), evidence);
        }
    }

    private static Finding None(HostView host)
    {
        const string evidence = $"{RdmaPortFiles.Devices}: empty, or not there";
        const string remedy = "Load the adapter's driver (mlx5_ib, irdma, bnxt_re, ...). For a software device: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev INTERFACE.";
        bool isAsked = host.SetValue("RDMACC_DEVICE") is not null || host.SetValue("RDMACC_TRANSPORTS") == "verbs";
        return isAsked
            ? Finding.Problem("There is no RDMA device, and the options ask for one (RDMACC_DEVICE, RDMACC_TRANSPORTS).", evidence, remedy)
            : Finding.Note("There is no RDMA device: ranks on other hosts are reached over TCP.", evidence, remedy);
    }

    private static string? NodeOf(HostView host, string device) => host.Entries(VerbsDevices).FirstOrDefault(node => host.Text($"{VerbsDevices}/{node}/ibdev") == device);

    private static bool HasNode(HostView host, string device) => NodeOf(host, device) is { } node && host.Exists($"/dev/infiniband/{node}");
}
