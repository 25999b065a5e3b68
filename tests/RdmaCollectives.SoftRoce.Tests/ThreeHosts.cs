using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Three hosts with one rank each, for several classes, as a start is dear under emulation: what ends a communicator ends a split of the world, and the world goes on.</summary>
[CollectionDefinition(nameof(ThreeHosts))]
public sealed class ThreeHosts() : RankGroup(() => WorkerGroup.Start("verbs", 3, SoftRoceHosts.HostPerRank)), ICollectionFixture<ThreeHosts>;
