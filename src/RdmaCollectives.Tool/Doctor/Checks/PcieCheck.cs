using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The speed of an adapter's PCIe link against that of its port.</summary>
internal sealed class PcieCheck : ICheck
{
    public string Name => "pcie";

    public string Summary => "the PCIe link of each RDMA adapter against the speed of its port";

    public IEnumerable<Finding> Examine(HostView host)
    {
        RdmaPortFiles[] ports = [.. RdmaPortFiles.All(host).Where(port => !port.IsSoftware && host.Exists($"{port.PciDirectory}/current_link_speed"))];
        return ports.Length == 0 ? [Finding.Ok("There is no RDMA adapter on PCIe.", RdmaPortFiles.Devices)] : ports.Select(port => Judge(host, port));
    }

    /// <summary>What the link carries after its line code: 8b/10b up to 5 GT/s, 128b/130b up to 32, flits of 242 in 256 bytes from 64 on (PCI Express Base Specification).</summary>
    public static double Gigabits(double gigatransfers, int lanes) => gigatransfers * lanes * (gigatransfers <= 5 ? 8.0 / 10 : gigatransfers < 64 ? 128.0 / 130 : 242.0 / 256);

    private static Finding Judge(HostView host, RdmaPortFiles port)
    {
        (double Speed, int Lanes)? now = Link(host, port, "current");
        (double Speed, int Lanes)? most = Link(host, port, "max");
        string evidence = string.Create(CultureInfo.InvariantCulture, $"{port.PciDirectory}: current_link_speed {host.Text($"{port.PciDirectory}/current_link_speed")} x{now?.Lanes ?? 0}, max_link_speed {host.Text($"{port.PciDirectory}/max_link_speed")} x{most?.Lanes ?? 0}; {port.Directory}/rate: {host.Text($"{port.Directory}/rate")}");
        if (now is not { } link)
        {
            return Finding.Note($"The PCIe link of {port.Device} can't be read.", evidence);
        }

        double gigabits = Gigabits(link.Speed, link.Lanes);
        bool isLess = most is { } best && Gigabits(best.Speed, best.Lanes) > gigabits * 1.01;
        const string remedy = "Move the adapter to a slot of full width and generation, seat it again, or look at the slot in the firmware's set-up (lspci -vv: LnkCap against LnkSta).";
        return port.RateGbps is { } rate && gigabits < rate ? Finding.Warning($"The PCIe link of {port.Device} carries {Size.Gigabits(gigabits)}, and its port {Size.Gigabits(rate)}: the bus is the limit.", evidence, remedy)
            : isLess ? Finding.Note($"The PCIe link of {port.Device} runs below what the adapter can, and still carries more than its port.", evidence, remedy)
            : Finding.Ok($"The PCIe link of {port.Device} carries {Size.Gigabits(gigabits)}.", evidence);
    }

    private static (double Speed, int Lanes)? Link(HostView host, RdmaPortFiles port, string which) =>
        double.TryParse(host.Text($"{port.PciDirectory}/{which}_link_speed")?.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double speed)
        && host.Number($"{port.PciDirectory}/{which}_link_width") is > 0 and <= 32 and { } lanes
            ? (speed, (int)lanes)
            : null;
}
