using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The time on processors that the control group gives, and the processors that may be used.</summary>
internal sealed class CpuQuotaCheck : ICheck
{
    private const string Online = "/sys/devices/system/cpu/online";

    public string Name => "cpu-quota";

    public string Summary => "the processors of this process, and the quota of its control group";

    public IEnumerable<Finding> Examine(HostView host)
    {
        IReadOnlySet<int> online = CpuList.Parse(host.Text(Online));
        string? list = ProcessStatus.Field(host, "Cpus_allowed_list");
        IReadOnlySet<int> allowed = CpuList.Parse(list);
        if (online.Count > 0 && allowed.Count > 0)
        {
            string evidence = $"{ProcessStatus.File}: Cpus_allowed_list {list}; {Online}: {host.Text(Online)}";
            string text = string.Create(CultureInfo.InvariantCulture, $"{allowed.Count} of {online.Count} processors may be used.");
            yield return allowed.Count < online.Count
                ? Finding.Note($"{text} More ranks than that share processors, and then wait asleep in place of spinning.", evidence, "Where that is not meant: taskset, the launcher's binding (--cpu-bind, --bind-to), or the container's --cpuset-cpus.")
                : Finding.Ok(text, evidence);
        }

        yield return Quota(host, Math.Max(1, allowed.Count));
    }

    private static Finding Quota(HostView host, int processors)
    {
        (double Processors, string Evidence)? least = ControlGroup.Directories(host, "cpu").Select(directory => Read(host, directory)).OfType<(double Processors, string Evidence)>().OrderBy(quota => quota.Processors).Select(quota => ((double, string)?)quota).FirstOrDefault();
        if (least is not { } found)
        {
            return Finding.Ok("No quota on time of processors.", "cpu.max, cpu.cfs_quota_us: none, or max");
        }

        string text = $"The control group gives the time of {Size.Number(found.Processors)} processors";
        const string remedy = "Raise or remove it (docker --cpus, Kubernetes resources.limits.cpu, systemd CPUQuota=): a rank that is stopped in the middle of a call stops all others. Pin processors instead (cpuset).";
        return found.Processors < processors
            ? Finding.Warning($"{text}, and {processors} may be used: when it is spent, all threads stand still until the next period.", found.Evidence, remedy)
            : Finding.Ok($"{text}, as many as may be used.", found.Evidence);
    }

    /// <summary>Of the second version cpu.max, of the first cpu.cfs_quota_us; null for no quota.</summary>
    private static (double Processors, string Evidence)? Read(HostView host, string directory)
    {
        string? second = host.Text($"{directory}/cpu.max");
        string? quota = second?.Split(' ')[0] ?? host.Text($"{directory}/cpu.cfs_quota_us");
        string? period = second is null ? host.Text($"{directory}/cpu.cfs_period_us") : second.Split(' ')[^1];
        if (!long.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out long time) || !long.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out long every) || every == 0)
        {
            return null;
        }

        string file = second is null ? $"{directory}/cpu.cfs_quota_us: {quota} of {period}" : $"{directory}/cpu.max: {second}";
        string throttled = host.Lines($"{directory}/cpu.stat").FirstOrDefault(line => line.StartsWith("nr_throttled ", StringComparison.Ordinal)) is { } line ? $"; cpu.stat: {line}" : "";
        return ((double)time / every, file + throttled);
    }
}
