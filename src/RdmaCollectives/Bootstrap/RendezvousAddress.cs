using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;

namespace RdmaCollectives.Bootstrap;

/// <summary>Where ranks meet: <c>host:port</c>, <c>[::1]:port</c>.</summary>
internal readonly record struct RendezvousAddress(string Host, int Port)
{
    /// <summary>Null when <paramref name="text"/> is not <c>host:port</c> with a port of 1 to 65535.</summary>
    public static RendezvousAddress? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > ushort.MaxValue)
        {
            return null;
        }

        string host = text[..colon];
        if (host is ['[', .. var inner, ']'])
        {
            return IPAddress.TryParse(inner, out _) ? new RendezvousAddress(inner, port) : null;
        }

        return host.Contains(':') || Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new RendezvousAddress(host, port);
    }

    public IPAddress[] Resolve() => IPAddress.TryParse(Host, out IPAddress? literal) ? [literal] : Dns.GetHostAddresses(Host);

    /// <summary>Whether <paramref name="address"/> belongs to this host.</summary>
    public static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || NetworkInterface.GetAllNetworkInterfaces().Any(i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)));

    /// <summary>
    /// The abstract unix socket (unix(7)) beside a rendezvous that has no secret. Its name can be guessed and taken by anyone; that is why both ends look at SO_PEERCRED.
    /// </summary>
    public static string UnixName(int port, string jobId)
    {
        string job = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(jobId)).AsSpan(0, 8));
        return string.Create(CultureInfo.InvariantCulture, $"\0rdmacc-{port}-{job}");
    }

    public override string ToString() => Host.Contains(':')
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
