namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>How the kernel sets the frequency of processors (Documentation/admin-guide/pm/cpufreq.rst of the kernel).</summary>
internal sealed class CpuGovernorCheck : ICheck
{
    private const string Processors = "/sys/devices/system/cpu";

    public string Name => "cpu-governor";

    public string Summary => "how the frequency of the processors is set";

    public IEnumerable<Finding> Examine(HostView host)
    {
        (string Governor, string Driver)[] all = [.. host.Entries(Processors).Where(name => name.StartsWith("cpu", StringComparison.Ordinal) && name.Length > 3 && char.IsAsciiDigit(name[3])).Select(name => (host.Text($"{Processors}/{name}/cpufreq/scaling_governor") ?? "", host.Text($"{Processors}/{name}/cpufreq/scaling_driver") ?? "")).Where(pair => pair.Item1.Length > 0)];
        if (all.Length == 0)
        {
            yield return Finding.Ok("The kernel does not set frequencies here (a virtual machine, or the firmware does).", $"{Processors}/cpu*/cpufreq/scaling_governor: not there");
            yield break;
        }

        const string remedy = "cpupower frequency-set -g performance";
        foreach ((string governor, string driver) in all.Distinct())
        {
            string evidence = $"{Processors}/cpu*/cpufreq/scaling_governor: {governor} ({all.Count(pair => pair == (governor, driver))} of {all.Length} processors, {driver})";

            // With these drivers powersave is the name of the governor that goes by load, and not of the lowest frequency.
            bool isByLoad = governor is "ondemand" or "conservative" or "schedutil" || (governor == "powersave" && driver is "intel_pstate" or "amd-pstate-epp");
            yield return governor == "performance" ? Finding.Ok("Processors run at full frequency.", evidence)
                : isByLoad ? Finding.Note("Frequency follows load: short waits let it fall, and latency rises.", evidence, remedy)
                : governor == "powersave" ? Finding.Warning("Processors run at their lowest frequency.", evidence, remedy)
                : Finding.Note($"The governor of frequencies is {governor}.", evidence, remedy);
        }
    }
}
