using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Membership;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

/// <summary>What a communicator is made of; put together by <see cref="CommunicatorFactory"/>.</summary>
internal sealed record CommunicatorParts
{
    public required IControlPlane Control { get; init; }

    public required Engine Engine { get; init; }

    public required CallFactory Calls { get; init; }

    /// <summary>Makes an empty set of transfers over this communicator's connections.</summary>
    public required Func<TransferSet> MakeTransfers { get; init; }

    public required RegistrationTable Registrations { get; init; }

    public required Transport[] Transports { get; init; }

    public required TransportInfo[] Infos { get; init; }

    public required int LocalRank { get; init; }

    public required int LocalRanks { get; init; }

    public required FlightDump Dump { get; init; }

    /// <summary>1 for those that a job starts with or a split makes; one more with each shrink and grow.</summary>
    public required int Epoch { get; init; }

    /// <summary>Finds the members of the communicator that follows this one.</summary>
    public required Succession Succession { get; init; }

    public required Origin Origin { get; init; }

    /// <summary>By color and key; null for a rank without color.</summary>
    public required Func<int, int, Communicator?> Split { get; init; }
}
