using System.Net;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>An address that a rank listens on.</summary>
/// <param name="Interface">The name of its interface there: for people.</param>
/// <param name="Address">IPv4 or IPv6, without a scope.</param>
/// <param name="Port">The port, 0 before there is one.</param>
/// <param name="OnlyThisHost">Of use to ranks of the same host alone.</param>
internal sealed record Candidate(string Interface, IPAddress Address, int Port, bool OnlyThisHost)
{
    public IPEndPoint EndPoint => new(Address, Port);

    public override string ToString() => $"{EndPoint} ({Interface})";
}
