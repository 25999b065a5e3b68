namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>What the kernel reads time from: waits and the flight recorder look at the clock in every call.</summary>
internal sealed class ClockCheck : ICheck
{
    private const string Source = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    private static readonly string[] Slow = ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"];

    public string Name => "clock";

    public string Summary => "what the kernel reads time from";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string? source = host.Text(Source);
        yield return source is null ? Finding.Note("The source of time can't be read.", $"{Source}: not there")
            : Slow.Contains(source, StringComparer.Ordinal) ? Finding.Warning($"Time is read from {source}, which takes a system call and a slow device each time; every call of the library reads it.", $"{Source}: {source}", "Find out why the kernel gave up tsc (dmesg | grep -i tsc); tsc=reliable where the machine's is.")
            : Finding.Ok($"Time is read from {source}.", $"{Source}: {source}");
    }
}
