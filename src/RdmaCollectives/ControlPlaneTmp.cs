namespace RdmaCollectives.Bootstrap;
internal static class ControlPlane { public static IControlPlane Join(ResolvedOptions o, CancellationToken c) => throw new InvalidOperationException(); }
