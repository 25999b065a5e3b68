using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>
/// The control planes of a process of a job beyond 64 ranks, fed with frames that were sealed rightly: from a member that says what it likes. An input is a list of frames:
/// kind 1, peer 2 (signed), scope 1 (0 the job, 1 a communicator that is being made, 2 a later one), key 8, length 2, payload.
/// </summary>
internal sealed class ControlPlaneTarget : FuzzTarget
{
    private const int Ranks = 130;
    private const int HeaderBytes = 14;

    private Link _link = null!;
    private ControlPlane _job = null!;
    private IControlPlane _part = null!;

    public override string Name => "control-plane";

    public override IReadOnlyList<string> Sources => ["Bootstrap/ControlPlane.cs", "Bootstrap/ControlLink.cs", "Bootstrap/Mailbox.cs", "Bootstrap/ControlPlaneFaults.cs"];

    // A part of a gathering makes room for those of all ranks: at most two are under way at once, in each of two communicators.
    public override long AllocationBound(int inputBytes) => base.AllocationBound(inputBytes) + (4 * 8 * Ranks);

    public override bool TakesItsSamples => false;

    public override Sample Generate(Random random)
    {
        var bytes = new List<byte>();
        var fields = new List<Field>();
        int frames = random.Next(1, 6);
        for (int i = 0; i < frames; i++)
        {
            FrameKind kind = Make.Enum<FrameKind>(random);
            byte[] payload = Payload(kind, random);
            int at = bytes.Count;
            short peer = (short)(random.Next(6) == 0 ? -1 : random.Next(8) == 0 ? Make.Int(random) : random.Next(Ranks));
            bytes.Add((byte)kind);
            bytes.AddRange(BitConverter.GetBytes(peer));
            bytes.Add((byte)random.Next(3));
            bytes.AddRange(BitConverter.GetBytes(random.Next(3) == 0 ? Make.ULong(random) : (ulong)random.Next(4)));
            bytes.AddRange(BitConverter.GetBytes((ushort)payload.Length));
            bytes.AddRange(payload);
            fields.AddRange([
                new Field(at, 1, FieldKind.Choice), new Field(at + 1, 2, FieldKind.Number), new Field(at + 3, 1, FieldKind.Choice), new Field(at + 4, 8, FieldKind.Number),
                new Field(at + 12, 2, FieldKind.Length), .. payload.Length == 0 ? (Field[])[] : [new Field(at + HeaderBytes, payload.Length, FieldKind.Opaque)]]);
        }

        return new Sample([.. bytes], fields);
    }

    public override void Prepare()
    {
        _link = new Link();
        _job = new ControlPlane(_link, NullLogger.Instance) { StatusOf = static sequence => new RankStatus { IsInCall = false, Asked = sequence % 2 == 0 ? BootstrapTargets.Call(new Random(1)) : null } };
        _part = _link.Split(_job);
    }

    public override Outcome Run(byte[] input)
    {
        var outcome = Outcome.Accepted;
        for (ReadOnlySpan<byte> rest = input; rest.Length >= HeaderBytes && outcome == Outcome.Accepted;)
        {
            int length = Math.Min(BitConverter.ToUInt16(rest[12..]), rest.Length - HeaderBytes);
            ulong scope = (rest[3] % 3) switch
            {
                0 => 0UL,
                1 => _part.Scope,
                _ => Link.LaterScope,
            };
            outcome = _link.Feed(new Frame((FrameKind)rest[0], BitConverter.ToInt16(rest[1..]), BitConverter.ToUInt64(rest[4..]), rest.Slice(HeaderBytes, length).ToArray(), scope));
            rest = rest[(HeaderBytes + length)..];
        }

        CheckFault(_job);
        CheckFault(_part);
        return outcome;
    }

    private static void CheckFault(IControlPlane plane)
    {
        if (plane.Faults.Current is { } fault && (fault.Peer < -1 || fault.Peer >= plane.WorldSize || fault.Reporter < -1 || fault.Reporter >= plane.WorldSize || !Enum.IsDefined(fault.Error)))
        {
            throw new BrokenInvariantException($"the fault names error {(int)fault.Error}, peer {fault.Peer} and reporter {fault.Reporter} in a world of {plane.WorldSize}");
        }
    }

    private static byte[] Payload(FrameKind kind, Random random) => kind switch
    {
        FrameKind.Fault => Testimony.Write(new Fault
        {
            Error = Make.Enum<Error>(random),
            Reporter = random.Next(-1, Ranks),
            Peer = random.Next(3) == 0 ? Make.Int(random) : random.Next(-1, Ranks),
            Message = Make.Text(random, 40),
            Call = random.Next(3) == 0 ? BootstrapTargets.Call(random) : null,
        }, random.Next(2) == 0 ? null : new RankStatus { IsInCall = random.Next(2) == 0, Call = BootstrapTargets.Call(random) }),
        FrameKind.Question => BitConverter.GetBytes(Make.ULong(random)),
        FrameKind.Answer => random.Next(2) == 0 ? [] : BootstrapTargets.BytesOf(BootstrapTargets.Call(random)),
        _ => Make.Bytes(random, random.Next(3) == 0 ? 0 : random.Next(24)),
    };

    /// <summary>The link of rank 1.</summary>
    private sealed class Link() : ControlLink(rank: 1, Ranks)
    {
        public const ulong LaterScope = 0xABCD_0000_0001;

        public override bool TrySend(in Frame frame) => frame.Peer < Ranks && frame.Payload.Length <= WireProtocol.MaxBlobBytes ? true : throw new BrokenInvariantException($"a frame is sent to rank {frame.Peer}");

        /// <summary>A communicator of ranks 0 to 3 that is not complete yet; another split is under way.</summary>
        public IControlPlane Split(ControlPlane job)
        {
            for (int peer = 0; peer < Ranks; peer++)
            {
                if (peer != Rank)
                {
                    Deliver(new Frame(FrameKind.Gather, peer, 1, new SplitRequest(peer < 4 ? 0 : 1, 0, 77).ToBytes()));
                }
            }

            IControlPlane part = job.Split(0, 0, TimeSpan.FromSeconds(10))!;
            BeginSplit();
            return part;
        }

        public Outcome Feed(in Frame frame)
        {
            try
            {
                switch (frame.Kind)
                {
                    case FrameKind.Left:
                        ProcessLeft(frame.Peer);
                        break;
                    default:
                        Deliver(frame);
                        break;
                }

                return Outcome.Accepted;
            }
            catch (CollectiveException e) when (e.Error == Error.Protocol)
            {
                Ended(ControlPlaneFaults.ControlThreadFailed(Rank, e.Message), "it was damaged");
                return Outcome.Refused;
            }
        }

        protected override void SayGoodbye()
        {
        }

        protected override void Close(bool saidGoodbye)
        {
        }
    }
}
