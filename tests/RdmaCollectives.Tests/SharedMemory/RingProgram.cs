using System.Numerics;
using RdmaCollectives.Memory;
using RdmaCollectives.Tests.Memory.Model;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>What the code around the rings may do wrong: each must be found.</summary>
internal enum ProgramMistake
{
    None,
    SleepsWithoutLookingAgain,
    ReleasesBeforeReading,
    SendsWithoutCredit,
    OverwritesBeforeDrained,
    SleepsOwingARing,
}

internal enum PayloadWay
{
    Slot,
    Inline,
    Pulled,
    Stored,
}

/// <summary>A small program over the production rings and doorbells, on modelled memory: who sends how much to whom, and how they sleep.</summary>
internal sealed unsafe record RingProgram
{
    public const int SlotCount = 2;
    private const int WordsPerSender = SlotCount * Line.WordCount + 1 + SlotCount + 2;

    public required PayloadWay Way { get; init; }

    public required bool Futex { get; init; }

    public int SenderCount { get; init; } = 1;

    public int MessageCount { get; init; } = 3;

    /// <summary>A thread of the receiver's own process sets a flag and wakes it; the receiver ends when it sees the flag and all messages.</summary>
    public bool HasWaker { get; init; }

    public ProgramMistake Mistake { get; init; }

    public int LocationCount => 4 + SenderCount * WordsPerSender;

    public static int ReceiverBell => 1;

    public static int ReceiverPipe => 2;

    public static int Flag => 3;

    public static int Lines(int sender) => 4 + sender * WordsPerSender;

    public static int Released(int sender) => Lines(sender) + SlotCount * Line.WordCount;

    public static int Payload(int sender) => Released(sender) + 1;

    public static int SenderBell(int sender) => Payload(sender) + SlotCount;

    public static int SenderPipe(int sender) => SenderBell(sender) + 1;

    public Actor[] Actors()
    {
        var actors = new List<Actor>();
        for (int sender = 0; sender < SenderCount; sender++)
        {
            actors.Add(new SendingActor(this, sender));
        }

        actors.Add(new ReceivingActor(this));
        if (HasWaker)
        {
            actors.Add(new WakingActor());
        }

        return [.. actors];
    }

    public static Doorbell<ModelMemory> Bell(int word, int pipe) => new((uint*)ModelMemory.Word(word), pipe);

    /// <summary>What message <paramref name="number"/> of <paramref name="sender"/> carries.</summary>
    public static ulong Content(int sender, ulong number) => (ulong)(sender + 1) * 16 + number + 1;
}

/// <summary>The part of both threads that works as long as it can, rings for all of it, and waits: arm, look again, sleep, disarm.</summary>
internal abstract class WaitingActor(RingProgram program, int bell, int pipe) : Actor
{
    private Phase _phase;
    private bool _owesRing;

    private enum Phase
    {
        Try,
        Work,
        Ring,
        Arm,
        LookAgain,
        DisarmAndWork,
        Sleep,
        Disarm,
    }

    protected RingProgram Program { get; } = program;

    /// <summary>All messages are through; what is left is to ring.</summary>
    protected bool IsFinished { get; set; }

    public override void Step(Replay replay)
    {
        replay.Call = _phase switch
        {
            Phase.Try or Phase.LookAgain => LookName,
            Phase.Work => WorkName,
            Phase.DisarmAndWork => nameof(Phase.Disarm),
            _ => _phase.ToString(),
        };
        switch (_phase)
        {
            case Phase.Try:
                _phase = CanWork() ? Phase.Work : _owesRing ? Phase.Ring : Phase.Arm;
                break;
            case Phase.Work:
                Work();
                _owesRing = Program.Mistake != ProgramMistake.SleepsOwingARing;
                _phase = IsFinished ? Phase.Ring : Phase.Try;
                break;
            case Phase.Ring:
                _owesRing = Ring();
                IsDone = IsFinished && !_owesRing;
                _phase = _owesRing ? Phase.Ring : Phase.Try;
                break;
            case Phase.Arm:
                RingProgram.Bell(bell, pipe).Arm();
                _phase = Program.Mistake == ProgramMistake.SleepsWithoutLookingAgain ? Phase.Sleep : Phase.LookAgain;
                break;
            case Phase.LookAgain:
                _phase = CanWork() ? Phase.DisarmAndWork : Phase.Sleep;
                break;
            case Phase.Sleep:
                if (Program.Futex)
                {
                    RingProgram.Bell(bell, pipe).SleepInFutex(TimeSpan.MaxValue);
                }
                else
                {
                    ModelMemory.Poll(pipe);
                }

                _phase = Phase.Disarm;
                break;
            default:
                RingProgram.Bell(bell, pipe).Disarm();
                _phase = _phase == Phase.DisarmAndWork ? Phase.Work : Phase.Try;
                break;
        }
    }

    public override void AddTo(ref StateHash hash) => hash.Add((ulong)_phase << 3 | (_owesRing ? 4UL : 0) | (IsFinished ? 2UL : 0) | (IsDone ? 1UL : 0));

    protected abstract string LookName { get; }

    protected abstract string WorkName { get; }

    protected abstract bool CanWork();

    protected abstract void Work();

    /// <summary>Rings one doorbell that is due, and says whether there is another.</summary>
    protected abstract bool Ring();
}

internal sealed unsafe class SendingActor(RingProgram program, int sender) : WaitingActor(program, RingProgram.SenderBell(sender), RingProgram.SenderPipe(sender))
{
    private SendRing<ModelMemory> _ring = new(
        ModelMemory.Word(RingProgram.Lines(sender)),
        ModelMemory.Word(RingProgram.Released(sender)),
        RingProgram.SlotCount);

    private ulong _sent;

    protected override string LookName => "Look for credit";

    protected override string WorkName => "Send";

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_ring);
        hash.Add(_sent);
    }

    protected override bool CanWork() =>
        (Program.Way != PayloadWay.Pulled || Program.Mistake == ProgramMistake.OverwritesBeforeDrained || _ring.IsDrained())
        && (_ring.HasCredit() || Program.Mistake == ProgramMistake.SendsWithoutCredit);

    protected override void Work()
    {
        ulong content = RingProgram.Content(sender, _sent);
        int payload = RingProgram.Payload(sender) + (Program.Way is PayloadWay.Slot or PayloadWay.Stored ? (int)_ring.NextSlot : 0); // a result has a place of its own
        if (Program.Way == PayloadWay.Inline)
        {
            _ring.SendInline(content, content, (byte*)&content, sizeof(ulong)); // from memory of its own
        }
        else if (Program.Way == PayloadWay.Slot)
        {
            ModelMemory.WriteNonTemporal(ModelMemory.Word(payload), content);
            _ring.SendSlot(content, content);
        }
        else if (Program.Way == PayloadWay.Stored)
        {
            ModelMemory.WriteNonTemporal(ModelMemory.Word(payload), content);
            _ring.SendStored(content, content, content);
        }
        else
        {
            ModelMemory.WriteNonTemporal(ModelMemory.Word(payload), content);
            _ring.SendPulled(content, content, new PulledRange(1, content, content, 1, 1));
        }

        IsFinished = ++_sent == (ulong)Program.MessageCount;
    }

    protected override bool Ring()
    {
        RingProgram.Bell(RingProgram.ReceiverBell, RingProgram.ReceiverPipe).Ring();
        return false;
    }
}

internal sealed unsafe class ReceivingActor : WaitingActor
{
    private ReceiveRing<ModelMemory> _first;
    private ReceiveRing<ModelMemory> _second;
    private ulong _firstReceived;
    private ulong _secondReceived;
    private int _ready;
    private int _owed; // a bit for each sender
    private bool _sawFlag;

    public ReceivingActor(RingProgram program)
        : base(program, RingProgram.ReceiverBell, RingProgram.ReceiverPipe)
    {
        _first = Ring(0);
        _second = program.SenderCount > 1 ? Ring(1) : default;
        _sawFlag = !program.HasWaker;
    }

    protected override string LookName => "Look for message";

    protected override string WorkName => "Receive";

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_first);
        hash.Add(_second);
        hash.Add((uint)_owed << 12 | _firstReceived << 8 | _secondReceived << 4 | (uint)_ready << 1 | (_sawFlag ? 1UL : 0));
    }

    protected override bool CanWork()
    {
        ulong count = (ulong)Program.MessageCount;
        _ready = _firstReceived < count && _first.HasMessage() ? 0
            : Program.SenderCount > 1 && _secondReceived < count && _second.HasMessage() ? 1
            : !_sawFlag && ModelMemory.Read(ModelMemory.Word(RingProgram.Flag)) == 1 ? 2
            : 3;
        return _ready < 3;
    }

    protected override void Work()
    {
        switch (_ready)
        {
            case 0:
                Receive(0, ref _first, ref _firstReceived);
                break;
            case 1:
                Receive(1, ref _second, ref _secondReceived);
                break;
            default:
                _sawFlag = true;
                break;
        }

        ulong count = (ulong)Program.MessageCount;
        IsFinished = _firstReceived == count && (_secondReceived == count || Program.SenderCount == 1) && _sawFlag;
    }

    protected override bool Ring()
    {
        int sender = BitOperations.TrailingZeroCount(_owed);
        if (sender < Program.SenderCount) // none is due where it was the flag that ended the wait
        {
            RingProgram.Bell(RingProgram.SenderBell(sender), RingProgram.SenderPipe(sender)).Ring();
        }

        _owed &= _owed - 1;
        return _owed != 0;
    }

    private void Receive(int sender, ref ReceiveRing<ModelMemory> ring, ref ulong received)
    {
        ulong content = RingProgram.Content(sender, received);
        ulong* line = ring.NextLine;
        ulong* payload = Program.Way switch
        {
            PayloadWay.Inline => line + Line.Payload,
            PayloadWay.Slot or PayloadWay.Stored => ModelMemory.Word(RingProgram.Payload(sender) + (int)ring.NextSlot),
            _ => ModelMemory.Word(RingProgram.Payload(sender)),
        };
        if (Program.Mistake == ProgramMistake.ReleasesBeforeReading)
        {
            ring.Release();
        }

        Expect(content, ModelMemory.Read(line + Line.Header), "the header's first word");
        Expect(content, ModelMemory.Read(line + Line.Header + 1), "the header's second word");
        ulong place = (ulong)(Program.Way switch
        {
            PayloadWay.Inline => PayloadPlace.Line,
            PayloadWay.Slot => PayloadPlace.Slot,
            PayloadWay.Stored => PayloadPlace.Output,
            _ => PayloadPlace.Registration,
        });
        Expect(place, (uint)ModelMemory.Read(line + Line.Place), "the place");
        if (Program.Way is PayloadWay.Pulled or PayloadWay.Stored)
        {
            Expect(content, ModelMemory.Read(line + Line.Offset), "the offset");
        }

        Expect(content, ModelMemory.Read(payload), "the payload");
        if (Program.Mistake != ProgramMistake.ReleasesBeforeReading)
        {
            ring.Release();
        }

        received++;
        _owed |= 1 << sender;
    }

    private ReceiveRing<ModelMemory> Ring(int sender) => new(
        ModelMemory.Word(RingProgram.Lines(sender)),
        ModelMemory.Word(RingProgram.Released(sender)),
        RingProgram.SlotCount);
}

/// <summary>Sets the fault flag and wakes the receiver, as the control thread does.</summary>
internal sealed unsafe class WakingActor : Actor
{
    public override void Step(Replay replay)
    {
        replay.Call = "WakeSelf";
        ModelMemory.Write(ModelMemory.Word(RingProgram.Flag), 1);
        RingProgram.Bell(RingProgram.ReceiverBell, RingProgram.ReceiverPipe).Ring();
        IsDone = true;
    }

    public override void AddTo(ref StateHash hash) => hash.Add(IsDone ? 1UL : 0);
}
