using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>A connection to the rendezvous after the handshake.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Keys">What its frames are sealed with.</param>
/// <param name="Received">What came behind the handshake.</param>
/// <param name="Local">This host's address on the way there; null for a unix socket.</param>
/// <param name="Remote">The address by which it was reached; null for a unix socket.</param>
internal sealed record RendezvousConnection(Socket Socket, SessionKeys Keys, FrameBuffer Received, IPAddress? Local, IPAddress? Remote);
