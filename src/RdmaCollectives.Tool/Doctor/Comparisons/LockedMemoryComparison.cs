namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>The limit on locked memory: what all ranks register is bounded by the least.</summary>
internal sealed class LockedMemoryComparison : IComparison
{
    public string Name => "locked-memory";

    public string Summary => "the limits on locked memory: the least of them binds all";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        var limits = Grouped.By(ranks, rank => rank.Facts.LockedMemory?.Usable);
        if (!limits.Differ)
        {
            return [Finding.Ok(limits.Values is [var one] ? $"All hosts may lock as much memory: {Text(one)}." : "No host tells its limit on locked memory.", Limit.File)];
        }

        long least = limits.Values.Min();
        string text = $"Limits on locked memory differ: {limits.Hosts(limit => limit == least)} may lock {Text(least)}, others more. Ranks register alike, so the least binds all.";
        string evidence = $"{limits.Describe(Text)} ({Limit.File}: Max locked memory; unlimited with CAP_IPC_LOCK)";
        string remedy = $"On {limits.Hosts(limit => limit == least)}: ulimit -l unlimited (for good: '* - memlock unlimited' in /etc/security/limits.conf; systemd: LimitMEMLOCK=infinity; container: --ulimit memlock=-1)";
        Finding finding = ranks.Any(rank => rank.Facts.Ports.Count > 0) ? Finding.Warning(text, evidence, remedy) : Finding.Note($"{text} Nothing is registered without an RDMA device, and no host has one.", evidence, remedy);
        return [finding with { Ranks = limits.Ranks(limit => limit == least) }];
    }

    private static string Text(long bytes) => bytes == long.MaxValue ? "unlimited" : Size.Bytes(bytes);
}
