using RdmaCollectives.Tests.Memory.Model;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>The words of the modelled window, and what its two sides write.</summary>
internal static unsafe class OutputWindowProgram
{
    public const int LocationCount = 12;
    public const ulong Call = 5;
    public const ulong Length = 3;
    public const ulong Stored = 77;
    public const ulong Own = 99;

    /// <summary>The fence before the first already orders all that was stored; and who does not enter has stored nothing.</summary>
    public static readonly string[] NotNoticeable = ["Leave: WriteRelease #0", "TryEnter: WriteRelease #0"];

    public static ulong* Fence => ModelMemory.Word(9);

    public static ulong* Output => ModelMemory.Word(11);

    public static OutputWindow<ModelMemory> Window => new(ModelMemory.Word(1), ModelMemory.Word(10), Fence);
}

/// <summary>Opens its output for a call, and fences at once; when nobody stores any more the memory is its own.</summary>
internal sealed unsafe class OwningActor : Actor
{
    private int _phase;

    public override void Step(Replay replay)
    {
        switch (_phase)
        {
            case 0:
                replay.Call = "Open";
                OutputWindowProgram.Window.Open(OutputWindowProgram.Call, new PulledRange(1, 1, 1, 1, 1), OutputWindowProgram.Length);
                _phase = 1;
                break;
            case 1:
                replay.Call = "Fence";
                ModelMemory.Write(OutputWindowProgram.Fence, 1);
                ModelMemory.FullBarrier();
                _phase = 2;
                break;
            case 2:
                replay.Call = "Wait";
                _phase = OutputWindowProgram.Window.IsPeerStoring() ? 2 : 3;
                break;
            case 3:
                replay.Call = "Fill";
                ModelMemory.Write(OutputWindowProgram.Output, OutputWindowProgram.Own);
                _phase = 4;
                break;
            default:
                replay.Call = "Compare";
                Expect(OutputWindowProgram.Own, ModelMemory.Read(OutputWindowProgram.Output), "what the owner wrote after its fence");
                IsDone = true;
                break;
        }
    }

    public override void AddTo(ref StateHash hash) => hash.Add((ulong)_phase << 1 | (IsDone ? 1UL : 0));
}

/// <summary>Stores once, if it may.</summary>
internal sealed unsafe class StoringActor : Actor
{
    private int _phase;

    public override void Step(Replay replay)
    {
        OutputWindow<ModelMemory> window = OutputWindowProgram.Window;
        switch (_phase)
        {
            case 0:
                replay.Call = "IsOpen";
                _phase = window.IsOpen(OutputWindowProgram.Call) ? 1 : 5;
                break;
            case 1:
                replay.Call = "Place";
                PulledRange place = window.Place(out ulong byteCount);
                Expect(OutputWindowProgram.Length, byteCount, "the length of the window");
                Expect(1, place.Generation, "the generation of its place");
                _phase = 2;
                break;
            case 2:
                replay.Call = "TryEnter";
                _phase = window.TryEnter() ? 3 : 5;
                break;
            case 3:
                replay.Call = "Store";
                ModelMemory.WriteNonTemporal(OutputWindowProgram.Output, OutputWindowProgram.Stored);
                _phase = 4;
                break;
            case 4:
                replay.Call = "Leave";
                window.Leave();
                _phase = 5;
                break;
            default:
                IsDone = true;
                break;
        }
    }

    public override void AddTo(ref StateHash hash) => hash.Add((ulong)_phase << 1 | (IsDone ? 1UL : 0));
}
