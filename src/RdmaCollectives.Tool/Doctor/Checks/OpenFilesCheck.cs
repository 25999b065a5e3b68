using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>RLIMIT_NOFILE against the descriptors of a rank. The .NET runtime raises the soft limit to the hard one when it starts, so what stands here is the hard one.</summary>
internal sealed class OpenFilesCheck : ICheck
{
    /// <summary>Of a rank with one peer, the runtime's included: 95 to 102 were seen.</summary>
    public const long OfProcess = 100;

    /// <summary>Sockets of both planes, a pidfd and shared segments: 4 were seen for each further peer, and channels are an option.</summary>
    public const long OfPeer = 8;

    private const int FewPeers = 16;
    private const int ManyPeers = 512;

    public string Name => "open-files";

    public string Summary => "the limit on open files, of which every peer takes some";

    /// <summary>Whether so many peers are too many for the limit.</summary>
    public static bool AreTooMany(HostView host, int peers) => Limit.Of(host, "Max open files")?.Soft is { } files && files < OfProcess + (OfPeer * peers);

    public IEnumerable<Finding> Examine(HostView host)
    {
        if (Limit.Of(host, "Max open files") is not { } limit)
        {
            yield return Finding.Note("The limit on open files can't be read.", Limit.File);
            yield break;
        }

        if (limit.Soft is not { } files)
        {
            yield return Finding.Ok("Open files are unlimited.", limit.Line);
            yield break;
        }

        const string remedy = "ulimit -n 65536 (for good: '* - nofile 65536' in /etc/security/limits.conf; systemd: LimitNOFILE=65536; container: --ulimit nofile=65536)";
        long peers = Math.Max(0, files - OfProcess) / OfPeer;
        string text = string.Create(CultureInfo.InvariantCulture, $"{files} files may be open: enough for about {peers} peers ({OfProcess} of a process, {OfPeer} for each peer).");
        yield return peers < FewPeers ? Finding.Problem(text, limit.Line, remedy)
            : peers < ManyPeers ? Finding.Warning(text, limit.Line, remedy)
            : Finding.Ok(text, limit.Line);
    }
}
