using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>Every parser that is fuzzed; docs/reliability.md has the table of places where bytes arrive.</summary>
internal static class AllTargets
{
    public static IReadOnlyList<Func<FuzzTarget>> Makers { get; } =
    [
        static () => new ServerHandshakeTarget(),
        static () => new ClientHandshakeTarget(),
        static () => new FrameTarget(),
        BootstrapTargets.JoinIdentity,
        BootstrapTargets.Members,
        BootstrapTargets.Details,
        BootstrapTargets.Statuses,
        BootstrapTargets.Envelopes,
        BootstrapTargets.FaultOf,
        BootstrapTargets.Calls,
        BootstrapTargets.Split,
        BootstrapTargets.Address,
        static () => new ControlPlaneTarget(),
        MembershipTargets.Agreements,
        MembershipTargets.Invitations,
        SetUpTargets.HelloOf,
        SetUpTargets.Descriptions,
        SetUpTargets.SharedMemory,
        SetUpTargets.Segments,
        SetUpTargets.Tcp,
        SetUpTargets.Rdma,
        SetUpTargets.RdmaEndpoints,
        SetUpTargets.Paths,
        static () => new GreetingTarget(),
        static () => new TcpFramesTarget(),
        static () => new TcpRecordsTarget(),
        static () => new SharedMemoryLineTarget(),
        WireTargets.Headers,
        WireTargets.CreditLines,
        WireTargets.OutputLines,
        WireTargets.Immediates,
        static () => new OptionsTarget(),
        static () => new ScheduleTarget(),
        static () => new DumpTarget(),
        RawPerfTargets.Frames,
        RawPerfTargets.Hellos,
        RawPerfTargets.Ends,
        RawPerfTargets.Results,
    ];

    /// <exception cref="ArgumentException">There is no such parser.</exception>
    public static FuzzTarget Make(string name)
    {
        foreach (Func<FuzzTarget> make in Makers)
        {
            FuzzTarget target = make();
            if (target.Name == name)
            {
                return target;
            }

            target.Dispose();
        }

        throw new ArgumentException($"There is no parser '{name}'; there are: {string.Join(", ", Names)}.", nameof(name));
    }

    public static IEnumerable<string> Names => Makers.Select(static make =>
    {
        using FuzzTarget target = make();
        return target.Name;
    });
}
