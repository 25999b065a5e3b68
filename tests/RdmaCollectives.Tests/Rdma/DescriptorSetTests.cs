using System.Net.Sockets;
using RdmaCollectives.Transports.Interop;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>What a rank with several rails sleeps on. A rail that were left out would only show as sleeps that end late.</summary>
public sealed unsafe class DescriptorSetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Descriptor_OneOfTwoIsReadable_IsReadableUntilThatIsRead(int readable)
    {
        (Socket Here, Socket There)[] pairs = [Pair(), Pair()];
        using var set = new DescriptorSet([(int)pairs[0].Here.Handle, (int)pairs[1].Here.Handle]);
        Assert.Equal(0, Ready(set));
        pairs[readable].There.Send([1]);
        Assert.Equal(1, Ready(set));
        Assert.Equal(1, pairs[readable].Here.Receive(new byte[1]));
        Assert.Equal(0, Ready(set));
        foreach ((Socket here, Socket there) in pairs)
        {
            here.Dispose();
            there.Dispose();
        }
    }

    private static int Ready(DescriptorSet set)
    {
        byte* events = stackalloc byte[2 * SysEpoll.EventBytes];
        return SysEpoll.epoll_wait(set.Descriptor, events, 2, 0);
    }

    private static (Socket Here, Socket There) Pair()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0rdmacc-{Guid.NewGuid()}"));
        listener.Listen();
        var here = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        here.Connect(listener.LocalEndPoint!);
        return (here, listener.Accept());
    }
}
