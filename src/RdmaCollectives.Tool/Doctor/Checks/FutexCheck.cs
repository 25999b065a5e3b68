namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>futex(2), by which ranks of a host wake each other.</summary>
internal sealed class FutexCheck : ICheck
{
    public string Name => "futex";

    public string Summary => "futex, by which ranks of a host wake each other";

    public IEnumerable<Finding> Examine(HostView host)
    {
        yield return host.Probe.TryFutex() is { } problem
            ? Finding.Problem($"futex does not work: {problem}. Ranks of this host that sleep would not be woken.", $"futex(FUTEX_WAKE): {problem}", "Let the seccomp profile pass futex, or leave shm out of RDMACC_TRANSPORTS.")
            : Finding.Ok("Ranks of this host can wake each other by futex.", "futex(FUTEX_WAKE): 0");
    }
}
