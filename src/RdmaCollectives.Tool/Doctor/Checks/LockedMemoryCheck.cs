using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>RLIMIT_MEMLOCK against what connections over verbs register.</summary>
internal sealed class LockedMemoryCheck : ICheck
{
    /// <summary>Buffers of the caller's own are registered as well; with less than this left for them a warning is due.</summary>
    private const long Plenty = 1L << 30;

    /// <summary>The line before each slot, with the header of a message.</summary>
    private const long SlotOverhead = 64;

    private const string Remedy = "ulimit -l unlimited (for good: '* - memlock unlimited' in /etc/security/limits.conf; systemd: LimitMEMLOCK=infinity; container: --ulimit memlock=-1)";

    public string Name => "locked-memory";

    public string Summary => "the limit on locked memory, which every registered page counts against";

    public IEnumerable<Finding> Examine(HostView host)
    {
        Limit? limit = Limit.Of(host, "Max locked memory");
        if (limit is null)
        {
            yield return Finding.Note("The limit on locked memory can't be read.", Limit.File);
        }
        else if (limit.Soft is not { } bytes)
        {
            yield return Finding.Ok("Locked memory is unlimited.", limit.Line);
        }
        else if (ProcessStatus.MayLockMemory(host))
        {
            yield return Finding.Ok($"Locked memory is limited to {Size.Bytes(bytes)}, and this process is not bound by that: it has CAP_IPC_LOCK.", $"{limit.Line}; {ProcessStatus.File}: CapEff {ProcessStatus.Field(host, "CapEff")}");
        }
        else
        {
            yield return Judge(host, bytes, limit.Line);
        }
    }

    private static Finding Judge(HostView host, long bytes, string evidence)
    {
        long perPeer = BytesPerPeer(host);
        if (host.Entries(RdmaPortFiles.Devices).Count == 0)
        {
            return Finding.Note($"Locked memory is limited to {Size.Bytes(bytes)}. Nothing is registered without an RDMA device, and there is none here; with one, each peer takes {Size.Bytes(perPeer)}.", evidence);
        }

        long peers = bytes / perPeer;
        string text = string.Create(CultureInfo.InvariantCulture, $"Locked memory is limited to {Size.Bytes(bytes)}, and over verbs each peer takes {Size.Bytes(perPeer)}: enough for {peers} peers, and for no registered buffer of yours.");
        return peers == 0 ? Finding.Problem($"Locked memory is limited to {Size.Bytes(bytes)}, and over verbs each peer takes {Size.Bytes(perPeer)}: no connection can be made.", evidence, Remedy)
            : bytes < Plenty ? Finding.Warning(text, evidence, Remedy)
            : Finding.Ok(text, evidence);
    }

    /// <summary>Slots to send from and slots that the peer writes, for each channel.</summary>
    private static long BytesPerPeer(HostView host)
    {
        long slots = Number(host.Value("RDMACC_SLOTS"), 4);
        return Number(host.Value("RDMACC_CHANNELS"), 2) * ((2 * slots * (Number(host.Value("RDMACC_CHUNK_BYTES"), 131_072) + SlotOverhead)) + SlotOverhead);
    }

    private static long Number(string text, long otherwise) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : otherwise;
}
