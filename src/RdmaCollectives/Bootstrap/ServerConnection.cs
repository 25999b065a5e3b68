using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// One connection that came to the rendezvous.
/// <code>
/// handshake -> proved     AdvanceHandshake set Identity
/// proved    -> confirmed  the first sealed frame came
/// any       -> ending     CloseWhenSent: what is queued still goes out, until the deadline
/// any       -> ended      End: the loop closes it in this turn
/// </code>
/// </summary>
internal sealed class ServerConnection(Socket socket, string address, ServerHandshake handshake, DateTime deadline, long maxQueuedBytes) : IDisposable
{
    private static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(2);

    private readonly SealedStream _stream = new(socket, maxQueuedBytes);
    private bool _closeWhenSent;

    public Socket Socket => socket;

    public string Address => address;

    /// <summary>Who it is, once proved.</summary>
    public JoinIdentity? Identity { get; private set; }

    /// <summary>The rank in the job that it was let in as; -1 before.</summary>
    public int Rank { get; set; } = -1;

    /// <summary>It knows that it is proved: <see cref="Confirm"/> was called.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>When the connection is ended unless it got further by then.</summary>
    public DateTime Deadline { get; private set; } = deadline;

    public bool WantsToSend => _stream.WantsToSend;

    public bool IsEnding => _closeWhenSent || IsEnded;

    public bool IsEnded => EndReason is not null;

    /// <summary>Why it ended, for the end of "Rank 3 died: ..."; null while it has not.</summary>
    public string? EndReason { get; private set; }

    public void End(string reason) => EndReason ??= reason;

    /// <summary>The other end said that it is here: from now on the connection may be silent for as long as it likes.</summary>
    public void Confirm()
    {
        IsConfirmed = true;
        Deadline = DateTime.MaxValue;
    }

    /// <summary>Takes no more frames, and ends once what is queued has gone.</summary>
    public void CloseWhenSent()
    {
        _closeWhenSent = true;
        Deadline = DateTime.UtcNow + LastWordsTime;
    }

    /// <summary>Reads what is there. False when the other end has closed.</summary>
    public bool Receive() => _stream.Receive(out _);

    public bool TryTake(out ReadOnlySpan<byte> frame) => _stream.TryTake(out frame);

    public Frame Open(ReadOnlySpan<byte> sealedFrame) => _stream.Open(sealedFrame);

    /// <summary>Feeds the handshake. Returns the reason when the other end was refused, else null; <see cref="Identity"/> is set when it has finished.</summary>
    public string? AdvanceHandshake(ReadOnlySpan<byte> message)
    {
        _stream.SendClear(handshake.Take(message));
        if (handshake.Refused is not null)
        {
            CloseWhenSent();
            return handshake.Refused;
        }

        if (handshake.Keys is { } keys)
        {
            Identity = handshake.Identity;
            Deadline = DateTime.UtcNow + WireProtocol.ConfirmDeadline;
            _stream.SetKeys(sendKey: keys.ServerToClient, receiveKey: keys.ClientToServer);
        }

        return null;
    }

    /// <summary>Queues a frame; it is sealed when the socket takes it, so queues of several ranks share one payload.</summary>
    public void Send(in Frame frame)
    {
        if (!IsEnding && !_stream.IsSendBroken && !_stream.TrySend(frame))
        {
            End($"it did not read its connection to the rendezvous while {_stream.QueuedBytes >> 20} MiB waited for it");
        }
    }

    /// <summary>Sends what the socket takes now.</summary>
    public void Flush()
    {
        if (!IsEnded)
        {
            _stream.Flush();
        }

        if (_closeWhenSent && !_stream.WantsToSend)
        {
            End("it was told to go");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        handshake.Dispose();
    }
}
