using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>How large the kernel may make the buffers of a TCP connection (tcp(7)). The library leaves their size to it, so the limits for programs that set it (net.core) do not count.</summary>
internal sealed class TcpBuffersCheck : ICheck
{
    private const string Directory = "/proc/sys/net/ipv4";

    /// <summary>A round trip between hosts of a cluster over TCP, under load.</summary>
    private const double RoundTripSeconds = 0.5e-3;

    private const double SlowestGbps = 10;

    private static readonly (string Name, string What, string Remedy)[] Switches =
    [
        ("tcp_window_scaling", "Windows of more than 64 KiB are off", "sysctl net.ipv4.tcp_window_scaling=1"),
        ("tcp_moderate_rcvbuf", "Receive buffers do not grow with the connection", "sysctl net.ipv4.tcp_moderate_rcvbuf=1"),
    ];

    public string Name => "tcp-buffers";

    public string Summary => "how large the kernel may make the buffers of a TCP connection";

    public IEnumerable<Finding> Examine(HostView host)
    {
        bool anyWrong = false;
        foreach ((string name, string what, string remedy) in Switches)
        {
            if (host.Number($"{Directory}/{name}") == 0)
            {
                anyWrong = true;
                yield return Finding.Warning($"{what}: a connection to another host can't fill a fast network.", $"{Directory}/{name}: 0", remedy);
            }
        }

        (string Name, double Gbps) fastest = host.Entries(InterfacesCheck.Interfaces).Where(name => InterfacesCheck.IsUp(host, name)).Select(name => (name, (host.Number($"{InterfacesCheck.Interfaces}/{name}/speed") ?? 0) / 1000.0)).DefaultIfEmpty(("", 0)).MaxBy(network => network.Item2);
        double gbps = Math.Max(SlowestGbps, fastest.Gbps);
        double need = gbps * 1e9 / 8 * RoundTripSeconds;
        foreach (string name in (string[])["tcp_rmem", "tcp_wmem"])
        {
            string[] words = host.Text($"{Directory}/{name}")?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (words.Length == 3 && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long most) && most < need)
            {
                anyWrong = true;
                yield return Finding.Warning(
                    $"The buffers of a TCP connection may grow to {Size.Bytes(most)}; at {Size.Gigabits(gbps)} a round trip of {Size.Number(RoundTripSeconds * 1e3)} ms takes {Size.Bytes(need)}.",
                    $"{Directory}/{name}: {string.Join(' ', words)}",
                    $"sysctl net.ipv4.{name}=\"{words[0]} {words[1]} {(long)Math.Max(16L << 20, need * 2)}\"");
            }
        }

        if (!anyWrong)
        {
            string Values(string name) => string.Join(' ', host.Text($"{Directory}/{name}")?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? ["not there"]);
            yield return Finding.Ok("The buffers of a TCP connection may grow as far as the network needs.", $"{Directory}: tcp_rmem {Values("tcp_rmem")}, tcp_wmem {Values("tcp_wmem")}");
        }
    }
}
