using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>Which of this host's addresses to listen on and to offer to peers, in which order. Pure: the table comes from outside.</summary>
internal static class AddressSelector
{
    /// <summary>
    /// Without a filter: loopback (for peers on this host), then real interfaces, the fastest first, then link-local IPv4, then virtual bridges and tunnels. With one (names, addresses, CIDR blocks, separated
    /// by commas): what it names, in its order, and nothing else.
    /// </summary>
    /// <exception cref="CollectiveException">Nothing is left; the message names the filter and what there is.</exception>
    public static IReadOnlyList<Candidate> Select(IReadOnlyList<LocalAddress> table, string? filter, int rank)
    {
        IEnumerable<LocalAddress> usable = table.Where(address => address.IsUp && !address.Address.IsIPv6LinkLocal);
        List<Candidate> selected = string.IsNullOrWhiteSpace(filter)
            ? [.. usable
                .OrderBy(Group)
                .ThenByDescending(address => address.SpeedMbps)
                .ThenBy(address => address.Address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .Select(address => new Candidate(address.Interface, address.Address, 0, OnlyThisHost: address.IsLoopback))]
            : Filter(table, [.. usable], filter, rank);
        return selected.Count > 0
            ? selected
            : throw new CollectiveException(Error.Resource, $"No network interface of this host is up and has an address, so TCP can't be used. There are: {List(table)}.", rank);
    }

    private static int Group(LocalAddress address) => address switch
    {
        { IsLoopback: true } => 0,
        { IsVirtual: true } => 3,
        { IsLinkLocal: true } => 2,
        _ => 1,
    };

    private static List<Candidate> Filter(IReadOnlyList<LocalAddress> table, List<LocalAddress> usable, string filter, int rank)
    {
        List<Candidate> selected = [];
        foreach (string part in filter.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Predicate<LocalAddress> isMeant = Parse(part);
            List<LocalAddress> meant = usable.FindAll(isMeant);
            if (meant.Count == 0)
            {
                string why = table.Any(address => isMeant(address) && !address.IsUp) ? "is down"
                    : table.Any(address => isMeant(address)) ? "has only link-local IPv6 addresses, which other hosts can't use"
                    : "names no interface or address of this host";
                throw new CollectiveException(Error.Resource, $"The interface '{part}' (RDMACC_INTERFACE or CommunicatorOptions.Interface) {why}. There are: {List(table)}.", rank);
            }

            // What the user named is offered to everyone, loopback too.
            selected.AddRange(meant.Select(address => new Candidate(address.Interface, address.Address, 0, OnlyThisHost: false)).Where(candidate => !selected.Contains(candidate)));
        }

        return selected;
    }

    private static Predicate<LocalAddress> Parse(string part)
    {
        string[] halves = part.Split('/');
        if (halves.Length == 2 && IPAddress.TryParse(halves[0], out IPAddress? network) && int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix))
        {
            return address => IsWithin(address.Address, network, prefix);
        }

        return IPAddress.TryParse(part, out IPAddress? exact)
            ? address => address.Address.Equals(exact)
            : address => string.Equals(address.Interface, part, StringComparison.Ordinal);
    }

    // System.Net.IPNetwork refuses 10.1.2.3/8; people write it.
    private static bool IsWithin(IPAddress address, IPAddress network, int prefix)
    {
        byte[] left = address.GetAddressBytes();
        byte[] right = network.GetAddressBytes();
        if (left.Length != right.Length || prefix > left.Length * 8)
        {
            return false;
        }

        for (int bit = 0; bit < prefix; bit++)
        {
            if (((left[bit / 8] ^ right[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static string List(IReadOnlyList<LocalAddress> table) => table.Count == 0
        ? "none"
        : string.Join(", ", table.GroupBy(address => address.Interface, StringComparer.Ordinal).Select(group =>
            $"{group.Key} ({string.Join(", ", group.Select(address => address.Address))}{(group.First().IsUp ? "" : "; down")})"));
}
