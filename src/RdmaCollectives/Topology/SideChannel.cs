using RdmaCollectives.Bootstrap;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>The control plane of a communicator, as its transports may use it.</summary>
internal sealed class SideChannel(IControlPlane control) : ISideChannel
{
    public Action<int, ReadOnlyMemory<byte>>? Came
    {
        set => control.PathMessageCame = value;
    }

    public void Send(int peer, ReadOnlyMemory<byte> message) => control.SendPathMessage(peer, message);

    public void WakeSleepers() => control.NewsArrived?.Invoke();
}
