using RdmaCollectives.Tests.Memory.Model;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>
/// The ring and the doorbell, the very code that runs, in every interleaving and with every stale read that <see cref="ModelState"/> admits. That each fence is needed is shown by taking it away.
/// </summary>
public sealed class RingModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Weakening these can't be noticed, and why. A release store that loses its order lets a later store, or itself, overtake an earlier load: the one reordering that the model leaves out (x86 has none; on
    /// arm64 the store is an stlr and the load an ldar, which forbid it).
    /// </summary>
    private static readonly HashSet<Site> NotNoticeable =
    [
        new("Receive", OperationKind.WriteRelease, 0),
        new("Look", OperationKind.ReadAcquire, 1),
    ];

    public static TheoryData<string> Programs => [.. AllPrograms.Keys];

    private static Dictionary<string, RingProgram> AllPrograms { get; } = new(StringComparer.Ordinal)
    {
        ["slot, futex"] = new RingProgram { Way = PayloadWay.Slot, Futex = true },
        ["slot, poll"] = new RingProgram { Way = PayloadWay.Slot, Futex = false },
        ["inline, futex"] = new RingProgram { Way = PayloadWay.Inline, Futex = true },
        ["pulled, futex"] = new RingProgram { Way = PayloadWay.Pulled, Futex = true },
        ["slot, futex, two senders"] = new RingProgram { Way = PayloadWay.Slot, Futex = true, SenderCount = 2, MessageCount = 1 },
        ["slot, futex, own waker"] = new RingProgram { Way = PayloadWay.Slot, Futex = true, HasWaker = true, MessageCount = 1 },
        ["slot, poll, own waker"] = new RingProgram { Way = PayloadWay.Slot, Futex = false, HasWaker = true, MessageCount = 1 },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Ring_EveryInterleaving_DeliversInOrderAndWakes(string program)
    {
        Explorer.Outcome outcome = Explore(AllPrograms[program], weakened: null);
        output.WriteLine($"{program}: {outcome.StateCount} states");
        foreach (Site s in outcome.Sites) output.WriteLine(s.ToString());
        Assert.Null(outcome.Violation);
    }

    private static Explorer.Outcome Explore(RingProgram program, Site? weakened)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return Explorer.Explore(program.LocationCount, program.Actors(), weakened, deadline.Token);
    }
}
