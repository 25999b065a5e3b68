namespace RdmaCollectives.Verbs;

/// <summary>The MTU codes in bytes.</summary>
public static class PathMtuExtensions
{
    /// <summary>The payload in bytes: 256 to 4096.</summary>
    public static int ByteCount(this PathMtu mtu) => 128 << (int)mtu;
}
