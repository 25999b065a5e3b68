namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether an RDMA adapter could register memory of a GPU. The library itself does not yet.</summary>
internal sealed class GpuMemoryCheck : ICheck
{
    private const string NvidiaVersion = "/proc/driver/nvidia/version";
    private static readonly string[] PeerModules = ["nvidia_peermem", "nv_peer_mem"];
    private static readonly string[] GpuModules = ["nvidia", "amdgpu"];

    public string Name => "gpu-memory";

    public string Summary => "peer-memory module or dma-buf, by which an adapter registers memory of a GPU";

    public static bool HasGpu(HostView host) => GpuModules.Any(module => host.Exists($"/sys/module/{module}")) || host.Exists(NvidiaVersion);

    public IEnumerable<Finding> Examine(HostView host)
    {
        if (!HasGpu(host))
        {
            yield return Finding.Ok("There is no GPU driver.", string.Join(", ", GpuModules.Select(module => $"/sys/module/{module}")) + ": not there");
            yield break;
        }

        string? peer = PeerModules.FirstOrDefault(module => host.Exists($"/sys/module/{module}"));
        string version = host.Text(NvidiaVersion)?.Split('\n')[0] ?? "";
        bool hasDmaBuf = host.Exists("/sys/module/amdgpu") || version.Contains("Open Kernel Module", StringComparison.Ordinal);
        if (host.Entries(RdmaPortFiles.Devices).Count == 0)
        {
            yield return Finding.Ok("There is a GPU, and no RDMA adapter to share its memory with.", RdmaPortFiles.Devices);
        }
        else if (peer is not null || hasDmaBuf)
        {
            yield return Finding.Ok($"An adapter can register memory of the GPU ({(peer is null ? "dma-buf" : $"module {peer}")}). This library does not use that yet.", peer is null ? $"{NvidiaVersion}: {version}" : $"/sys/module/{peer}: there");
        }
        else
        {
            yield return Finding.Note(
                "There is a GPU, and no way for an adapter to register its memory. This library does not use that yet; others do.",
                $"{string.Join(", ", PeerModules.Select(module => $"/sys/module/{module}"))}: not there; {NvidiaVersion}: {version}",
                "modprobe nvidia-peermem, or NVIDIA's open kernel modules with Linux 5.12 or later (dma-buf).");
        }
    }
}
