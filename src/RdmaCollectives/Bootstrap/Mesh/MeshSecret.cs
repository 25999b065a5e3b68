using System.Security.Cryptography;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// What two ranks prove to each other in the handshake of the mesh: the key that the rendezvous made for this job and told its members alone, bound to the rank and process that listens. The one that connects is
/// bound by its identity in the transcript, so a proof is good for one ordered pair of processes of one job.
/// </summary>
internal static class MeshSecret
{
    public static byte[] Of(byte[] meshKey, JoinIdentity listener) =>
        HMACSHA256.HashData(meshKey, (byte[])[.. "rdmacc mesh"u8, .. (listener with { JobId = "" }).Write()]);
}
