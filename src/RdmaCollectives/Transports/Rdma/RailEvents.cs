using Microsoft.Extensions.Logging;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What the device of a rail said of itself (asynchronous events): logged once, and kept as the cause of what fails after it. From any thread.</summary>
internal sealed class RailEvents(RdmaRail rail, ILogger logger, int rank)
{
    private readonly Lock _lock = new();
    private AsyncEvent? _trouble;

    /// <summary>The device will not come back.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Takes what has come since the last time. Never waits.</summary>
    /// <param name="peerOf">The peer at the other end of a queue pair, by its number; null where it is nobody's any more.</param>
    /// <exception cref="VerbsException">The device does not answer.</exception>
    public void Take(Func<uint, int?> peerOf)
    {
        lock (_lock)
        {
            while (rail.Port.Device.AsyncEvents.TryTake(out AsyncEvent what))
            {
                Explanation meaning = what.Type.Explain();
                string peer = what.QueuePairNumber is { } number && peerOf(number) is { } of ? $", to rank {of}" : "";
                RdmaLog.RailEvent(logger, rank, rail.Place, what.Describe() + peer, meaning.Name, meaning.Advice);
                if (what.Port is { } port && port != rail.Port.Attributes.Port)
                {
                    continue; // another port of the device
                }

                IsDead |= what.Type == AsyncEventType.DeviceFatal;
                _trouble = what.Type switch
                {
                    AsyncEventType.PortActive when !IsDead => null,
                    AsyncEventType.DeviceFatal => what,
                    AsyncEventType.PortError or AsyncEventType.CompletionQueueError or AsyncEventType.GidsChanged or AsyncEventType.LocalIdentifierChanged or AsyncEventType.PartitionKeysChanged when !IsDead => what,
                    _ => _trouble,
                };
            }
        }
    }

    /// <summary>The same in short and without advice, for a list of several; null where there is nothing.</summary>
    public string? ShortTrouble()
    {
        lock (_lock)
        {
            return _trouble is not { } what ? null : $"{rail.Place} said: {what.Type.Explain().Meaning} ({what.Type.Explain().Name})";
        }
    }

    /// <summary>What the device said that may be why a request failed; null where it said nothing of the kind, or the port is well again.</summary>
    public string? Trouble()
    {
        lock (_lock)
        {
            return _trouble is not { } what ? null
                : $"Before that {rail.Place} said: {what.Type.Explain().Meaning} ({what.Type.Explain().Name}). {what.Type.Explain().Advice}";
        }
    }
}
