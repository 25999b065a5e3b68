using System.Net.Sockets;
using System.Runtime.InteropServices;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap;

/// <summary>Who is at the other end of a unix socket, by the kernel's word (SO_PEERCRED, unix(7)).</summary>
internal static class PeerCredentials
{
    /// <summary>Null when the other end runs as this process' user, else the reason in words.</summary>
    public static string? WhyNotSameUser(Socket socket)
    {
        Libc.ucred credentials = default;
        int length = socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, MemoryMarshal.AsBytes(new Span<Libc.ucred>(ref credentials)));
        uint own = Libc.geteuid();
        return length < Marshal.SizeOf<Libc.ucred>() ? "the kernel does not say who is at the other end"
            : credentials.uid != own ? $"process {credentials.pid} at the other end runs as user {credentials.uid}, this one as user {own}"
            : null;
    }
}
