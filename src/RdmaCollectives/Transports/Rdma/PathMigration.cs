namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// How a connection moves from one rail to another: the protocol, at one end. Both ends go through the same states; whoever finds the path broken, or a better one, begins. No queue pair, no thread and no clock of its own.
/// <code>
/// Up -> Stopped -> Opened -> Connected -> Up
///       its queue pair is in error and empty; both tell how many messages have arrived, and which rails they have
///                  both have chosen the same rail, and made a queue pair on it
///                            this end's is connected; the first message may go when the other says the same of its own
/// </code>
/// The messages between two ends arrive in order and are not lost; what fails on the way, be it the new path, begins the next move: a <see cref="PathMessageKind.Stopped"/> for the path that was to come. A message of
/// the data is sent again by the new path exactly when the other end has said, after it had stopped, that it has not arrived. So none is lost and none comes twice, whichever of message and acknowledgement was lost.
/// </summary>
internal sealed class PathMigration(int channel, int home, int railCount, IPathEnd end)
{
    private PathMessage? _mine; // what this end said when it stopped, of the current path
    private PathMessage? _theirs;
    private MessageCounts _there;
    private (ulong Here, ulong There) _arrived;
    private int _movesInVain;

    private enum Step
    {
        Up,
        Stopped,
        Opened,
        Connected,
        Failed,
    }

    private Step _step;

    /// <summary>The number of the path that the connection uses, or moves to.</summary>
    public uint Path { get; private set; }

    /// <summary>Its rail.</summary>
    public int Rail { get; private set; } = home;

    /// <summary>The rail that the connection belongs on.</summary>
    public int Home { get; } = home;

    public bool IsUp => _step == Step.Up;

    public bool HasFailed => _step == Step.Failed;

    /// <summary>This end leaves the path, which has failed, or for a better one.</summary>
    public void Leave(bool isFailure)
    {
        if (_mine is null && _step != Step.Failed)
        {
            Stop(isFailure);
            ChooseWhenBothHaveStopped();
        }
    }

    /// <summary>The other end has said something about this connection.</summary>
    public void Take(in PathMessage message)
    {
        if (_step == Step.Failed)
        {
            return;
        }

        switch (message.Kind)
        {
            case PathMessageKind.Stopped when message.Path == Path && _theirs is null:
                _theirs = message;
                if (_mine is null)
                {
                    Stop(message.IsFailure);
                }

                ChooseWhenBothHaveStopped();
                break;
            case PathMessageKind.Opened when message.Path == Path && _mine is null && _step == Step.Opened:
                Connect(message);
                break;
            case PathMessageKind.Ready when message.Path == Path && _mine is null && _step == Step.Connected:
                _step = Step.Up;
                end.Resume(_there);
                break;
            case PathMessageKind.Opened or PathMessageKind.Ready when message.Path == Path && _mine is not null:
                break; // this end has stopped that path meanwhile, and said so
            default:
                Fail($"it said '{message.Kind}' of path {message.Path} while path {Path} was {_step}, which no rank of this version does");
                break;
        }
    }

    /// <summary>The other end has been silent for too long, or can't be reached.</summary>
    public void Fail(string reason)
    {
        if (_step != Step.Failed)
        {
            _step = Step.Failed;
            end.Fail(reason);
        }
    }

    /// <summary>The connection stays where it is, and is not moved any more.</summary>
    public void GiveUp() => _step = Step.Failed;

    private void Stop(bool isFailure)
    {
        MessageCounts here = end.Stop(isFailure ? Rail : -1);
        _step = Step.Stopped;
        _mine = new PathMessage(PathMessageKind.Stopped, channel, Path, end.Rails, isFailure, here, Said: end.Said);
        end.Send(_mine.Value);
    }

    private void ChooseWhenBothHaveStopped()
    {
        if (_mine is not { } mine || _theirs is not { } theirs)
        {
            return;
        }

        bool isFailure = mine.IsFailure || theirs.IsFailure;
        bool isWaitedFor = mine.Counts.Sent > theirs.Counts.Arrived || theirs.Counts.Sent > mine.Counts.Arrived;
        _movesInVain = isFailure && isWaitedFor && _arrived == (mine.Counts.Arrived, theirs.Counts.Arrived) ? _movesInVain + 1 : 0;
        _arrived = (mine.Counts.Arrived, theirs.Counts.Arrived);
        if (RailSet.Choose(mine.Rails, theirs.Rails, railCount, Home, isFailure ? Rail : -1) is not { } rail)
        {
            Fail($"no other rail is up at both ends (up here: {mine.Rails}; there: {theirs.Rails}; counted as RDMACC_DEVICE names them). Bring a link up that both have (rdma link show, on both hosts){Said(mine, theirs)}");
            return;
        }

        if (_movesInVain >= 2 * railCount)
        {
            Fail($"{_movesInVain} moves in a row brought no message across, over {railCount} rails. The ports say that they are up: look at the switches between the two hosts");
            return;
        }

        _there = theirs.Counts;
        _mine = null;
        _theirs = null;
        Path++;
        Rail = rail;
        _step = Step.Opened;
        if (end.Open(rail, Path) is { } endpoint)
        {
            end.Send(new PathMessage(PathMessageKind.Opened, channel, Path, Endpoint: endpoint));
        }
        else
        {
            Stop(isFailure: true);
        }
    }

    // The device that went is mostly nearer to the cause, whichever end it is at: the fault that all ranks get is of the end that was first.
    private static string Said(in PathMessage mine, in PathMessage theirs)
    {
        string[] said = [.. new[] { mine.Said, theirs.Said }.Where(text => text.Length > 0)];
        return said.Length == 0 ? "" : $". Before that {string.Join("; ", said)}";
    }

    private void Connect(in PathMessage message)
    {
        if (end.Connect(message.Endpoint))
        {
            _step = Step.Connected;
            end.Send(new PathMessage(PathMessageKind.Ready, channel, Path));
        }
        else
        {
            Stop(isFailure: true);
            ChooseWhenBothHaveStopped();
        }
    }
}
