using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// Who belongs to the job, and what is passed between the members: no sockets, no clock of its own, one thread.
/// <code>
/// rank:  missing -> joined -> left | dead        missing again when it goes before the start
/// job:   gathering -> started                    all ranks are joined
///        gathering -> failed                     the join deadline passed; later comers get the same answer
/// </code>
/// </summary>
internal sealed class Membership
{
    private readonly RendezvousServerOptions _options;
    private readonly string _address;
    private readonly ILogger _logger;
    private readonly Member[] _members;
    private readonly DateTime _joinDeadline;
    private int _joined;
    private bool _started;
    private string? _failed;

    public Membership(RendezvousServerOptions options, string address, ILogger logger)
    {
        _options = options;
        _address = address;
        _logger = logger;
        _members = [.. Enumerable.Range(0, options.WorldSize).Select(_ => new Member())];
        _joinDeadline = DateTime.UtcNow + options.JoinTimeout;
    }

    private enum State
    {
        Missing,
        Joined,
        Left,
        Dead,
    }

    /// <summary>No member is left who could need the rendezvous.</summary>
    public bool IsEmpty => !_started || _members.All(m => m.State is State.Left or State.Dead && m.Connection is null);

    public DateTime NextDeadline
    {
        get
        {
            DateTime next = _started || _failed is not null ? DateTime.MaxValue : _joinDeadline;
            foreach (Member member in _members)
            {
                next = member.DeathDeadline < next ? member.DeathDeadline : next;
            }

            return next;
        }
    }

    /// <summary>Lets a proved connection in as its rank, or tells it why not.</summary>
    public void Admit(ServerConnection connection)
    {
        JoinIdentity who = connection.Identity!;
        string? reason = WhyNotAdmitted(who);
        if (reason is not null)
        {
            BootstrapLog.NotLetIn(_logger, who.ToString(), reason);
            connection.Send(TextFrame($"{reason[..1].ToUpperInvariant()}{reason[1..]}"));
            connection.CloseWhenSent();
            return;
        }

        _members[who.Rank].Join(connection);
        _joined++;
        BootstrapLog.Joined(_logger, who.ToString(), _joined, _options.WorldSize);
        if (_joined == _options.WorldSize)
        {
            StartJob();
        }
    }

    /// <summary>A frame from a member.</summary>
    /// <exception cref="CollectiveException">A member does not send that.</exception>
    public void Take(ServerConnection connection, in Frame frame)
    {
        int from = connection.Identity!.Rank;
        Frame relayed = frame with { Peer = from };
        switch (frame.Kind)
        {
            case FrameKind.Gather when _started && frame.Peer < 0:
            case FrameKind.Fault when _started && frame.Peer < 0:
            case FrameKind.LeftScope when _started && frame.Peer < 0:
                SendToOthers(from, relayed);
                break;
            case FrameKind.Gather when _started && IsPeer(frame.Peer):
            case FrameKind.Fault when _started && IsPeer(frame.Peer):
            case FrameKind.LeftScope when _started && IsPeer(frame.Peer):
            case FrameKind.PeerBlob when _started && IsPeer(frame.Peer):
            case FrameKind.Question when _started && IsPeer(frame.Peer):
            case FrameKind.Answer when _started && IsPeer(frame.Peer):
            case FrameKind.Clock when _started && IsPeer(frame.Peer):
            case FrameKind.ClockAnswer when _started && IsPeer(frame.Peer):
                _members[frame.Peer].Connection?.Send(relayed);
                break;
            case FrameKind.WhoIsMissing:
                if (!_started)
                {
                    connection.Send(TextFrame(MissingInWords("in the time that this rank waits (RDMACC_JOIN_TIMEOUT)")));
                }

                break;
            case FrameKind.Goodbye:
                connection.Send(new Frame(FrameKind.GoodbyeHeard, -1, 0, default));
                connection.CloseWhenSent();
                Leave(from);
                break;
            default:
                throw new CollectiveException(Error.Protocol, string.Create(CultureInfo.InvariantCulture, $"Rank {from} sent a frame of kind {frame.Kind} for rank {frame.Peer} that has no place here."));
        }
    }

    /// <summary>A connection is gone. For a member that has not said goodbye that is its death.</summary>
    public void Ended(ServerConnection connection, string reason)
    {
        if (connection.Identity is not { } who || !IsPeer(who.Rank) || _members[who.Rank].Connection != connection)
        {
            return; // it was never let in
        }

        Member member = _members[who.Rank];
        member.Connection = null;
        if (member.State != State.Joined)
        {
            return;
        }

        if (!_started)
        {
            _joined--;
            member.State = State.Missing;
            return;
        }

        member.DeathReason = reason;
        member.DeathDeadline = DateTime.UtcNow + _options.ExitReportGrace;
    }

    /// <summary>A rank's parent says how it ended.</summary>
    public void ReportExit(int rank, string words)
    {
        Member member = _members[rank];
        if (_started && member.State == State.Joined)
        {
            Die(rank, words);
        }
    }

    /// <summary>Does what is due: deaths that nobody explained, and a join that took too long.</summary>
    public void LookAtDeadlines(DateTime now)
    {
        for (int rank = 0; rank < _members.Length; rank++)
        {
            if (_members[rank].DeathDeadline <= now)
            {
                Die(rank, _members[rank].DeathReason);
            }
        }

        if (!_started && _failed is null && _joinDeadline <= now)
        {
            _failed = MissingInWords(string.Create(CultureInfo.InvariantCulture, $"within {_options.JoinTimeout.TotalSeconds:0.###} s"));
            foreach (Member member in _members)
            {
                member.Connection?.Send(TextFrame(_failed));
                member.Connection?.CloseWhenSent();
            }
        }
    }

    private string? WhyNotAdmitted(JoinIdentity who)
    {
        if (!string.Equals(who.JobId, _options.JobId, StringComparison.Ordinal))
        {
            return $"the job id of this rank is '{who.JobId}', the rendezvous at {_address} serves job '{_options.JobId}'. Set RDMACC_JOB_ID alike, or look whether the address is that of another job.";
        }

        if (who.WorldSize != _options.WorldSize)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the world size of this rank is {who.WorldSize}, that of the rendezvous at {_address} is {_options.WorldSize}. Set the same one for all ranks (RDMACC_WORLD_SIZE).");
        }

        if (who.Epoch != WireProtocol.FirstEpoch || !IsPeer(who.Rank))
        {
            return string.Create(CultureInfo.InvariantCulture, $"rank {who.Rank} in epoch {who.Epoch} has no place in a job of {_options.WorldSize} ranks (0 to {_options.WorldSize - 1}) in epoch {WireProtocol.FirstEpoch}.");
        }

        Member member = _members[who.Rank];
        return member.State switch
        {
            _ when _failed is not null => _failed,
            State.Joined => $"rank {who.Rank} is taken by process {member.Identity!.ProcessId} on {member.Identity.HostName}; this one is process {who.ProcessId} on {who.HostName}. Give each process its own rank (RDMACC_RANK).",
            State.Missing => null,
            State gone => $"the job has begun and rank {who.Rank} of it {(gone == State.Left ? "has left" : "died")}. Start the whole job again.",
        };
    }

    private void StartJob()
    {
        _started = true;
        List<byte[]> lists = MemberList.Write([.. _members.Select(m => m.Identity!)]);
        foreach (Member member in _members)
        {
            lists.ForEach(list => member.Connection!.Send(new Frame(FrameKind.Members, -1, 0, list)));
            member.Connection!.Send(new Frame(FrameKind.Start, -1, _options.HostedByRankZero ? 1UL : 0, default));
        }
    }

    private void Leave(int rank)
    {
        Member member = _members[rank];
        if (!_started)
        {
            _joined--;
            member.State = State.Missing;
            member.Connection = null;
            return;
        }

        member.State = State.Left;
        BootstrapLog.MemberLeft(_logger, rank);
        SendToOthers(rank, new Frame(FrameKind.Left, rank, 0, default));
    }

    private void Die(int rank, string? words)
    {
        Member member = _members[rank];
        member.State = State.Dead;
        member.DeathDeadline = DateTime.MaxValue;
        member.Connection?.End("it died");
        var fault = new Fault
        {
            Error = Error.PeerDied,
            Reporter = -1,
            Peer = rank,
            Message = $"R{member.Identity!.ToString()[1..]} died: {words}. Its own output says more. Start the job again.",
        };
        BootstrapLog.MemberDied(_logger, fault.Message);
        SendToOthers(rank, new Frame(FrameKind.Fault, -1, 0, FaultCodec.Write(fault)));
    }

    private void SendToOthers(int from, in Frame frame)
    {
        for (int rank = 0; rank < _members.Length; rank++)
        {
            if (rank != from && _members[rank].State == State.Joined)
            {
                _members[rank].Connection?.Send(frame);
            }
        }
    }

    private string MissingInWords(string time)
    {
        int[] missing = [.. Enumerable.Range(0, _members.Length).Where(r => _members[r].State == State.Missing)];
        return $"{RankList.Capitalized(missing)} of {_members.Length} did not join the rendezvous at {_address} {time}. "
            + "Look at the output of what is missing: was it started, and does it reach that address? A longer time is set by RDMACC_JOIN_TIMEOUT.";
    }

    private bool IsPeer(int rank) => (uint)rank < (uint)_members.Length;

    private static Frame TextFrame(string text) => new(FrameKind.Refused, -1, 0, Encoding.UTF8.GetBytes(text));

    private sealed class Member
    {
        public State State { get; set; }

        public ServerConnection? Connection { get; set; }

        public JoinIdentity? Identity { get; private set; }

        public string? DeathReason { get; set; }

        public DateTime DeathDeadline { get; set; } = DateTime.MaxValue;

        public void Join(ServerConnection connection)
        {
            State = State.Joined;
            Connection = connection;
            Identity = connection.Identity;
        }
    }
}
