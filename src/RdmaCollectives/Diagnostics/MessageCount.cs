namespace RdmaCollectives.Diagnostics;

/// <summary>What has gone over one connection, as this end counts it: modulo 2^32, which does for telling whether something is under way.</summary>
internal readonly record struct MessageCount(int Peer, int Channel, uint Sent, uint Received);
