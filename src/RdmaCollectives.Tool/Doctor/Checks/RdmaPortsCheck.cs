namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether ports are active, and what stands in the way where they are not.</summary>
internal sealed class RdmaPortsCheck : ICheck
{
    public string Name => "rdma-ports";

    public string Summary => "the state of each port of an RDMA device";

    public IEnumerable<Finding> Examine(HostView host)
    {
        IReadOnlyList<RdmaPortFiles> ports = RdmaPortFiles.All(host);
        if (ports.Count == 0)
        {
            yield return Finding.Ok("There is no RDMA port.", RdmaPortFiles.Devices);
        }

        bool anyActive = ports.Any(port => port.IsActive);
        foreach (RdmaPortFiles port in ports)
        {
            string evidence = $"{port.Directory}/state: {port.State}; phys_state: {port.PhysicalState}";
            if (port.IsActive)
            {
                string rate = port.RateGbps is { } gigabits ? $", {Size.Gigabits(gigabits)}" : "";
                yield return Finding.Ok($"{port.Name} is active{rate}{(port.Interface is { } network ? $", on {network}" : "")}.", evidence);
                continue;
            }

            string text = $"{port.Name} is not active ({port.State}).";
            bool isNamed = host.SetValue("RDMACC_DEVICE") is { } named && port.IsNamed(named);
            yield return isNamed || !anyActive ? Finding.Problem($"{text} {(isNamed ? "RDMACC_DEVICE names it." : "No other is, so verbs can't be used.")}", evidence, Remedy(port))
                : Finding.Note($"{text} The library takes another.", evidence, Remedy(port));
        }
    }

    private static string Remedy(RdmaPortFiles port) =>
        port.IsEthernet ? $"ip link set dev {port.Interface ?? "INTERFACE"} up; if it is up, look at its cable and switch port (ip link show: NO-CARRIER)."
        : port.State.StartsWith("2:", StringComparison.Ordinal) ? "The cable works and no subnet manager has been here: start opensm on a host, or the one of the switch."
        : port.PhysicalState.StartsWith("3:", StringComparison.Ordinal) ? "The port is disabled: ibportstate enables it (infiniband-diags)."
        : "Look at the cable and at the port of the switch (iblinkinfo).";
}
