using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// Who belongs to the job, and what is passed between members that have no connection of their own: no sockets, no clock of its own, one thread.
/// <code>
/// rank:  missing -> joined -> left | dead        missing again when it goes before the start
/// job:   gathering -> started                    all ranks are joined; newcomers get the next ranks from then on
///        gathering -> failed                     the join deadline passed; later comers get the same answer
/// </code>
/// </summary>
internal sealed class Membership
{
    /// <summary>Ranks are never used again, so this bounds how many processes a job can see in its life.</summary>
    private const int MostNewcomers = 1_000_000;

    private readonly RendezvousServerOptions _options;
    private readonly string _address;
    private readonly ILogger _logger;
    private readonly byte[] _meshKey = RandomNumberGenerator.GetBytes(WireProtocol.MeshKeyBytes);
    private readonly List<Member> _members;
    private readonly List<(ServerConnection Connection, MemberIdentity Who)> _early = []; // newcomers that came before the start
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

    private ulong Flags => (_options.HostedByRankZero ? 1UL : 0) | (_options.ExitReportGrace > TimeSpan.Zero ? 2UL : 0);

    /// <summary>Lets a proved connection in as its rank, or tells it why not.</summary>
    /// <param name="connection">It has proved who it is.</param>
    /// <param name="details">The payload of <see cref="FrameKind.Here"/>.</param>
    /// <exception cref="CollectiveException">The details can't be read.</exception>
    public void Admit(ServerConnection connection, ReadOnlySpan<byte> details)
    {
        MemberIdentity who = MemberIdentity.ReadDetails(connection.Identity!, details);
        string? reason = WhyNotAdmitted(who.Who);
        if (reason is not null)
        {
            BootstrapLog.NotLetIn(_logger, who.ToString(), reason);
            connection.Send(TextFrame($"{reason[..1].ToUpperInvariant()}{reason[1..]}"));
            connection.CloseWhenSent();
            return;
        }

        if (who.Who.IsNewcomer)
        {
            AdmitNewcomer(connection, who);
            return;
        }

        connection.Rank = who.Rank;
        _members[who.Rank].Join(connection, who);
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
        int from = connection.Rank;
        switch (frame.Kind)
        {
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
            case var kind when _started && from >= 0 && kind.IsBetweenRanks() && (uint)frame.Peer < (uint)_members.Count:
                _members[frame.Peer].Connection?.Send(frame with { Peer = from });
                break;
            default:
                throw new CollectiveException(Error.Protocol, string.Create(CultureInfo.InvariantCulture, $"Rank {from} sent a frame of kind {frame.Kind} for rank {frame.Peer} that has no place here."));
        }
    }

    /// <summary>A connection is gone. For a member that has not said goodbye that is its death.</summary>
    public void Ended(ServerConnection connection, string reason)
    {
        if (connection.Rank < 0 || _members[connection.Rank].Connection != connection)
        {
            return; // it was never let in
        }

        Member member = _members[connection.Rank];
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
        if (_started && (uint)rank < (uint)_members.Count && _members[rank].State == State.Joined)
        {
            Die(rank, words, isProven: true);
        }
    }

    /// <summary>The rank of a process of this host by its number, or -1. The latest, as numbers are used again.</summary>
    public int RankOfProcessHere(int processId) =>
        _members.FindLastIndex(m => m.Identity is { } who && who.Who.ProcessId == processId && string.Equals(who.Who.HostName, Environment.MachineName, StringComparison.Ordinal));

    /// <summary>Does what is due: deaths that nobody explained, and a join that took too long.</summary>
    public void LookAtDeadlines(DateTime now)
    {
        for (int rank = 0; rank < _members.Count; rank++)
        {
            if (_members[rank].DeathDeadline <= now)
            {
                Die(rank, _members[rank].DeathReason, isProven: false);
            }
        }

        if (!_started && _failed is null && _joinDeadline <= now)
        {
            _failed = MissingInWords(string.Create(CultureInfo.InvariantCulture, $"within {_options.JoinTimeout.TotalSeconds:0.###} s"));
            foreach (ServerConnection connection in (ServerConnection[])[.. _members.Select(m => m.Connection).OfType<ServerConnection>(), .. _early.Select(early => early.Connection)])
            {
                connection.Send(TextFrame(_failed));
                connection.CloseWhenSent();
            }
        }
    }

    private string? WhyNotAdmitted(JoinIdentity who)
    {
        if (!string.Equals(who.JobId, _options.JobId, StringComparison.Ordinal))
        {
            return $"the job id of this rank is '{who.JobId}', the rendezvous at {_address} serves job '{_options.JobId}'. Set RDMACC_JOB_ID alike, or look whether the address is that of another job.";
        }

        if (who.IsNewcomer)
        {
            return _failed is not null ? _failed
                : _started && IsEmpty ? $"the job at {_address} is over: nobody is left in it who could take a newcomer in."
                : _members.Count >= MostNewcomers ? $"the job at {_address} has seen {_members.Count} processes, more than it can number. Start a new one."
                : null;
        }

        if (who.WorldSize != _options.WorldSize)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the world size of this rank is {who.WorldSize}, that of the rendezvous at {_address} is {_options.WorldSize}. Set the same one for all ranks (RDMACC_WORLD_SIZE).");
        }

        if (who.Epoch != WireProtocol.FirstEpoch || (uint)who.Rank >= (uint)_options.WorldSize)
        {
            return string.Create(CultureInfo.InvariantCulture, $"rank {who.Rank} in epoch {who.Epoch} has no place in a job of {_options.WorldSize} ranks (0 to {_options.WorldSize - 1}) in epoch {WireProtocol.FirstEpoch}.");
        }

        Member member = _members[who.Rank];
        return member.State switch
        {
            _ when _failed is not null => _failed,
            State.Joined => $"rank {who.Rank} is taken by process {member.Identity!.Who.ProcessId} on {member.Identity.Who.HostName}; this one is process {who.ProcessId} on {who.HostName}. Give each process its own rank (RDMACC_RANK).",
            State.Missing => null,
            State gone => $"the job has begun and rank {who.Rank} of it {(gone == State.Left ? "has left" : "died")}. Start the whole job again, or let this process join as a newcomer (RDMACC_NEWCOMER=1).",
        };
    }

    private void StartJob()
    {
        _started = true;
        List<byte[]> lists = MemberList.Write([.. _members.Select(m => m.Identity!)]);
        foreach (Member member in _members)
        {
            lists.ForEach(list => member.Connection!.Send(new Frame(FrameKind.Members, -1, 0, list)));
            member.Connection!.Send(new Frame(FrameKind.Start, -1, Flags, _meshKey));
        }

        foreach ((ServerConnection connection, MemberIdentity who) in _early)
        {
            AdmitNewcomer(connection, who);
        }

        _early.Clear();
    }

    private void AdmitNewcomer(ServerConnection connection, MemberIdentity newcomer)
    {
        if (!_started)
        {
            _early.Add((connection, newcomer));
            return;
        }

        if (connection.IsEnding)
        {
            return;
        }

        int rank = _members.Count;
        MemberIdentity who = newcomer with { Who = newcomer.Who with { Rank = rank } };
        foreach (byte[] list in MemberList.Write([.. _members.Where(m => m.State == State.Joined).Select(m => m.Identity!), who]))
        {
            connection.Send(new Frame(FrameKind.Members, -1, 0, list));
        }

        byte[] world = new byte[sizeof(int) + WireProtocol.MeshKeyBytes];
        BinaryPrimitives.WriteInt32LittleEndian(world, _options.WorldSize);
        _meshKey.CopyTo(world, sizeof(int));
        connection.Send(new Frame(FrameKind.Admitted, -1, (Flags << 32) | (uint)rank, world));
        SendToOthers(rank, new Frame(FrameKind.Newcomer, -1, (uint)rank, who.Write()));
        connection.Rank = rank;
        var member = new Member();
        member.Join(connection, who);
        _members.Add(member);
        BootstrapLog.NewcomerJoined(_logger, newcomer.ToString(), rank);
    }

    private void Leave(int rank)
    {
        if (rank < 0)
        {
            return; // a newcomer that did not wait for the start
        }

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

    private void Die(int rank, string? words, bool isProven)
    {
        Member member = _members[rank];
        member.State = State.Dead;
        member.DeathDeadline = DateTime.MaxValue;
        member.Connection?.End("it died");
        BootstrapLog.MemberDied(_logger, LossWords.Died(member.Identity!, words ?? "its connection ended"));
        SendToOthers(rank, new Frame(FrameKind.Gone, -1, (isProven ? 1UL << 32 : 0) | (uint)rank, Encoding.UTF8.GetBytes(words ?? "")));
    }

    private void SendToOthers(int from, in Frame frame)
    {
        for (int rank = 0; rank < _members.Count; rank++)
        {
            if (rank != from && _members[rank].State == State.Joined)
            {
                _members[rank].Connection?.Send(frame);
            }
        }
    }

    private string MissingInWords(string time)
    {
        int[] missing = [.. Enumerable.Range(0, _options.WorldSize).Where(r => _members[r].State == State.Missing)];
        return $"{RankList.Capitalized(missing)} of {_options.WorldSize} did not join the rendezvous at {_address} {time}. "
            + "Look at the output of what is missing: was it started, and does it reach that address? A longer time is set by RDMACC_JOIN_TIMEOUT.";
    }

    private static Frame TextFrame(string text) => new(FrameKind.Refused, -1, 0, Encoding.UTF8.GetBytes(text));

    private sealed class Member
    {
        public State State { get; set; }

        public ServerConnection? Connection { get; set; }

        public MemberIdentity? Identity { get; private set; }

        public string? DeathReason { get; set; }

        public DateTime DeathDeadline { get; set; } = DateTime.MaxValue;

        public void Join(ServerConnection connection, MemberIdentity identity)
        {
            State = State.Joined;
            Connection = connection;
            Identity = identity;
        }
    }
}
