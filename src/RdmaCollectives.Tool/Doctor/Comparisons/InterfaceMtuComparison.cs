using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>
/// The MTUs of interfaces in one network. Between networks routers tell a sender that a packet is too large; within one nobody does, and it is lost. Interfaces whose network holds no other (addresses of 32 bits)
/// are compared by their names.
/// </summary>
internal sealed class InterfaceMtuComparison : IComparison
{
    public string Name => "interfaces";

    public string Summary => "the MTUs of the interfaces of one network, or of one name where they are in none";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        string[] links = [.. ranks.SelectMany(rank => rank.Facts.Interfaces.Select(LinkOf)).Distinct(StringComparer.Ordinal)];
        Finding[] differing = [.. links.Select(link => Judge(ranks, link)).OfType<Finding>()];
        return differing.Length > 0 ? differing
            : [Finding.Ok("Interfaces of one network have one MTU.", $"{Words.Number(links.Length)} network{(links.Length == 1 ? "" : "s")} or names: {string.Join(", ", links)}")];
    }

    private static Finding? Judge(IReadOnlyList<ComparedRank> ranks, string link)
    {
        var mtus = Grouped.By(ranks, rank => rank.Facts.Interfaces.Where(one => LinkOf(one) == link).Min(one => one.Mtu));
        if (!mtus.Differ)
        {
            return null;
        }

        long least = mtus.Values.Min();
        string[] names = [.. ranks.SelectMany(rank => rank.Facts.Interfaces).Where(one => LinkOf(one) == link).Select(one => one.Name).Distinct(StringComparer.Ordinal)];
        return Finding.Warning(
            $"The MTU of {link} differs: {Words.Number(least)} on {mtus.Hosts(mtu => mtu == least)}, up to {Words.Number(mtus.Values.Max())} on others. A packet that is too large for the receiver is lost, and large messages stand still.",
            $"{mtus.Describe(mtu => Words.Number(mtu))} (/sys/class/net/{string.Join(", ", names)}/mtu)",
            $"ip link set dev {names[0]} mtu {Words.Number(mtus.Values.Max())} on {mtus.Hosts(mtu => mtu == least)}, if the switches pass it, or {Words.Number(least)} on all") with
        { Ranks = mtus.Ranks(mtu => mtu == least) };
    }

    private static string LinkOf(InterfaceFacts one) => one.Network ?? one.Name;
}
