using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>A connection that is being made: what the acceptor answers to its token, and its socket once it is there.</summary>
internal sealed class TcpExpectation
{
    public required UInt128 Answer { get; init; }

    /// <summary>The confirmed socket, or null.</summary>
    public Socket? Socket { get; set; }
}
