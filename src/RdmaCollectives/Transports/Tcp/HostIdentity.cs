namespace RdmaCollectives.Transports.Tcp;

/// <summary>Tells whether loopback leads from one rank to another.</summary>
internal static class HostIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string NetworkNamespaceLink = "/proc/self/ns/net";

    /// <summary>
    /// The identity that the user gave, else the kernel's boot id; and the network namespace, because containers of one host have the boot id in common but not the loopback interface.
    /// Where /proc tells neither, a random one: loopback is then not used.
    /// </summary>
    public static string Read(string? given)
    {
        try
        {
            string host = given ?? File.ReadAllText(BootIdFile).Trim();
            return $"{host} {new FileInfo(NetworkNamespaceLink).LinkTarget}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return given ?? Guid.NewGuid().ToString();
        }
    }
}
