using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>From the handshake with the rendezvous to the start of the job, on the thread of the caller.</summary>
internal sealed class StartWait(SealedStream stream, string rendezvous, string who, int rank)
{
    private static readonly TimeSpan LastQuestionTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>A wait wakes that often to look at its token.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly List<MemberIdentity> _members = [];

    /// <summary>Says that this process is here, and waits until the job starts, or has admitted it.</summary>
    /// <exception cref="RendezvousException">Refused, or ranks are missing, or the rendezvous was lost; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public JobStart Await(MemberIdentity own, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            stream.TrySend(new Frame(FrameKind.Here, -1, 0, own.WriteDetails()));
            Frame? begin = Next(time, cancellationToken);
            if (begin is null)
            {
                stream.TrySend(new Frame(FrameKind.WhoIsMissing, -1, 0, default)); // the rendezvous knows; its own clock may run longer than ours
                begin = Next(LastQuestionTime, cancellationToken);
            }

            return begin switch
            {
                { Kind: FrameKind.Refused } refused => throw new RendezvousException(Encoding.UTF8.GetString(refused.Payload.Span), rank),
                { } start => JobStart.Read(start, own.Who.Rank, own.Who.WorldSize, _members),
                null => throw new RendezvousException($"{who} joined the rendezvous at {rendezvous}, but not all ranks came in time, and it does not say which are missing. Look at the rendezvous' host and at its output.", rank),
            };
        }
        catch
        {
            SayGoodbye(); // so that another process can take the rank
            throw;
        }
    }

    private Frame? Next(TimeSpan time, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TakeOne() is { } frame)
            {
                return frame;
            }

            TimeSpan left = time - clock.Elapsed;
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            stream.Flush();
            if (stream.Socket.Poll(left < Look ? left : Look, stream.WantsToSend ? SelectMode.SelectWrite : SelectMode.SelectRead) && !Receive())
            {
                string how = stream.ReceiveError == SocketError.Success ? "its connection was closed" : new SocketException((int)stream.ReceiveError).Message.TrimEnd('.');
                throw new RendezvousException($"{who} joined the rendezvous at {rendezvous}, but it was lost before all ranks were there: {how}. Look at the output of what hosts it, and start the job again.", rank);
            }
        }
    }

    private bool Receive() => stream.Receive(out _);

    // Nothing behind the start is taken: that is the control thread's.
    private Frame? TakeOne()
    {
        while (stream.TryTake(out ReadOnlySpan<byte> bytes))
        {
            Frame frame = stream.Open(bytes);
            if (frame.Kind != FrameKind.Members)
            {
                return frame;
            }

            MemberList.Read(frame.Payload.Span, _members);
        }

        return null;
    }

    private void SayGoodbye()
    {
        stream.TrySend(new Frame(FrameKind.Goodbye, -1, 0, default));
        stream.Flush();
        if (stream.Socket.Poll(GoodbyeTime, SelectMode.SelectRead))
        {
            stream.Receive(out _); // heard, or closed
        }
    }
}
