using System.Runtime.InteropServices;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>
/// Which of the messages that one rank sends are results where they go: what the peer receives into its output and stores nothing over. Such a message can be stored there by its sender
/// (<see cref="ScheduleTraits.OpenOutput"/>). Sends are matched with the peers' receives by their order in the FIFO.
/// </summary>
internal sealed class ResultMessages(ISchedule schedule, Shape shape, int rank)
{
    /// <summary>For a message that is no result.</summary>
    public const int None = -1;

    private readonly Dictionary<(int Peer, int Channel), Queue<int>> _chunks = [];

    /// <summary>The first chunk of the peer's output that the next message to it is received into, or <see cref="None"/>. Asked once for each send, in their order.</summary>
    public int Next(int peer, int channel)
    {
        if (!_chunks.TryGetValue((peer, channel), out Queue<int>? chunks))
        {
            AddPeer(peer);
            chunks = _chunks[(peer, channel)];
        }

        return chunks.Dequeue();
    }

    private void AddPeer(int peer)
    {
        var found = new List<(int Channel, int Chunk)>();
        var isStoredLater = new bool[schedule.ChunkCount(shape)];
        for (int index = schedule.StepCount(shape, peer) - 1; index >= 0; index--)
        {
            Step step = schedule.GetStep(shape, peer, index);
            bool isResult = step is { Kind: StepKind.Receive or StepKind.ReceiveCopySend, Destination: StepBuffer.Output };
            for (int i = 0; step is { HasStore: true, Destination: StepBuffer.Output } && i < step.Count; i++)
            {
                ref bool later = ref isStoredLater[(step.Chunk + i) % isStoredLater.Length];
                isResult &= !later;
                later = true;
            }

            if (step.ReceivePeer == rank)
            {
                found.Add((step.Channel, isResult ? step.Chunk : None));
            }
        }

        found.Reverse();
        foreach ((int channel, int chunk) in found)
        {
            ref Queue<int>? chunks = ref CollectionsMarshal.GetValueRefOrAddDefault(_chunks, (peer, channel), out _);
            (chunks ??= new Queue<int>()).Enqueue(chunk);
        }
    }
}
