using RdmaCollectives.Tests.Memory.Model;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>
/// The ring and the doorbell, the very code that runs, in every interleaving and with every stale read that <see cref="ModelState"/> admits. That each fence is needed is shown by taking it away.
/// </summary>
public sealed class RingModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>
    /// What orders an earlier load before a later store can be weakened without notice: a store that overtakes a load is the one reordering that the model leaves out. x86 has none; on arm64 the
    /// <c>ldar</c> and <c>stlr</c> that these compile to forbid it. The sender takes nothing from the receiver but the permission to overwrite.
    /// </summary>
    private static readonly string[] NotNoticeable =
    [
        "Look for credit: ReadAcquire #0",
        "Receive: WriteRelease #0",
    ];

    private static readonly Dictionary<string, RingProgram> s_programs = new(StringComparer.Ordinal)
    {
        ["slot, futex"] = new RingProgram { Way = PayloadWay.Slot, Futex = true },
        ["slot, poll"] = new RingProgram { Way = PayloadWay.Slot, Futex = false },
        ["inline, futex"] = new RingProgram { Way = PayloadWay.Inline, Futex = true },
        ["pulled, futex"] = new RingProgram { Way = PayloadWay.Pulled, Futex = true },
        ["stored, futex"] = new RingProgram { Way = PayloadWay.Stored, Futex = true },
        ["slot, futex, own waker"] = new RingProgram { Way = PayloadWay.Slot, Futex = true, HasWaker = true, MessageCount = 1 },
        ["slot, poll, own waker"] = new RingProgram { Way = PayloadWay.Slot, Futex = false, HasWaker = true, MessageCount = 1 },
        ["slot, futex, two senders"] = new RingProgram { Way = PayloadWay.Slot, Futex = true, SenderCount = 2, MessageCount = 1 },
    };

    public static TheoryData<string> Programs => [.. s_programs.Keys];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Ring_EveryInterleaving_DeliversInOrderAndWakes(string program)
    {
        Explorer.Outcome outcome = Explore(s_programs[program], weakened: null);
        output.WriteLine($"{program}: {outcome.StateCount} states");
        Assert.Null(outcome.Violation);
    }

    /// <summary>Every barrier, release, acquire and atomic operation of the code, found by running it, is weakened once.</summary>
    [Fact]
    public void Ring_OneFenceLess_IsNoticed()
    {
        Site[] sites = s_programs.Values.SelectMany(static program => Explore(program, weakened: null).Sites).Where(static site => IsFence(site.Kind)).Distinct().ToArray();

        List<string> unnoticed = [];
        foreach (Site site in sites.OrderBy(static site => site.ToString(), StringComparer.Ordinal))
        {
            if (Notice(site) is { } notice)
            {
                output.WriteLine($"{site}: {notice}");
            }
            else
            {
                unnoticed.Add(site.ToString());
            }
        }

        Assert.Equal(string.Join('\n', NotNoticeable), string.Join('\n', unnoticed));
    }

    [Theory]
    [InlineData(nameof(ProgramMistake.SleepsWithoutLookingAgain), nameof(PayloadWay.Slot), "everybody who is not done sleeps")]
    [InlineData(nameof(ProgramMistake.ReleasesBeforeReading), nameof(PayloadWay.Slot), "is 19, expected 17")]
    [InlineData(nameof(ProgramMistake.ReleasesBeforeReading), nameof(PayloadWay.Inline), "is 19, expected 17")]
    [InlineData(nameof(ProgramMistake.SendsWithoutCredit), nameof(PayloadWay.Slot), "")]
    [InlineData(nameof(ProgramMistake.SleepsOwingARing), nameof(PayloadWay.Slot), "everybody who is not done sleeps")]
    [InlineData(nameof(ProgramMistake.OverwritesBeforeDrained), nameof(PayloadWay.Pulled), "the payload is")]
    public void Ring_UsedWrongly_IsNoticed(string mistake, string way, string notice)
    {
        var program = new RingProgram { Way = Enum.Parse<PayloadWay>(way), Futex = true, Mistake = Enum.Parse<ProgramMistake>(mistake) };
        string? violation = Explore(program, weakened: null).Violation;
        output.WriteLine(violation ?? "nothing");
        Assert.NotNull(violation);
        Assert.Contains(notice, violation, StringComparison.Ordinal);
    }

    private static bool IsFence(OperationKind kind) =>
        kind is OperationKind.Publish or OperationKind.FullBarrier or OperationKind.WriteRelease or OperationKind.ReadAcquire or OperationKind.Exchange or OperationKind.CompareExchange;

    private static string? Notice(Site site)
    {
        foreach ((string name, RingProgram program) in s_programs)
        {
            if (Explore(program, site).Violation is { } violation)
            {
                return $"{violation} ({name})";
            }
        }

        return null;
    }

    private static Explorer.Outcome Explore(RingProgram program, Site? weakened)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return Explorer.Explore(program.LocationCount, program.Actors(), weakened, deadline.Token);
    }
}
