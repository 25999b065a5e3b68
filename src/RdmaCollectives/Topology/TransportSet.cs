using System.Buffers.Binary;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>The transports that this rank could start, by index; for the others, why not.</summary>
internal sealed class TransportSet : IDisposable
{
    private const ushort NotStarted = ushort.MaxValue;

    private readonly Transport?[] _transports = new Transport?[TransportIndex.Count];
    private readonly string?[] _whyNot = new string?[TransportIndex.Count];

    public Transport? this[int index] => _transports[index];

    public string WhyNot(int index) => _whyNot[index] ?? "not started";

    /// <summary>Starts one transport. A system that does not have what it needs is a reason to remember, not a failure: another transport may do. It is a failure where it must start.</summary>
    public void Start(int index, Func<Transport> make, bool mustStart = false)
    {
        try
        {
            _transports[index] = make();
        }
        catch (Exception error) when (!mustStart && (error is CollectiveException or PlatformNotSupportedException))
        {
            _whyNot[index] = error.Message.TrimEnd('.');
        }
    }

    public void Refuse(int index, string reason) => _whyNot[index] = reason;

    /// <summary>One blob for all transports: per transport a length (2 bytes, 0xFFFF = not started) and what it says of itself.</summary>
    public byte[] Describe()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (Transport? transport in _transports)
        {
            if (transport is null)
            {
                writer.Write(NotStarted);
                continue;
            }

            byte[] description = transport.Describe();
            writer.Write(checked((ushort)description.Length));
            writer.Write(description);
        }

        return stream.ToArray();
    }

    /// <summary>What a peer said of one of its transports; null where it has not started it.</summary>
    /// <exception cref="RendezvousException">These are not the bytes of <see cref="Describe"/>.</exception>
    public static byte[]? DescriptionOf(int peer, ReadOnlySpan<byte> blob, int index)
    {
        byte[]? wanted = null;
        for (int i = 0; i < TransportIndex.Count && blob.Length >= sizeof(ushort); i++)
        {
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(blob);
            blob = blob[sizeof(ushort)..];
            bool isStarted = length != NotStarted;
            if (isStarted && length > blob.Length)
            {
                break;
            }

            ReadOnlySpan<byte> description = blob[..(isStarted ? length : 0)];
            wanted = i == index && isStarted ? description.ToArray() : wanted;
            blob = blob[description.Length..];
            if (i == TransportIndex.Count - 1 && blob.IsEmpty)
            {
                return wanted;
            }
        }

        throw new RendezvousException($"What rank {peer} says of its transports can't be understood: run the same version on all ranks.", peer: peer);
    }

    /// <summary>Nothing more will come of what is being connected. From any thread.</summary>
    public void Fence()
    {
        foreach (Transport? transport in _transports)
        {
            transport?.Fence();
        }
    }

    /// <summary>Drops the transports that no pair of this rank uses, and returns the others.</summary>
    public Transport[] Keep(IEnumerable<int> used)
    {
        var keep = used.ToHashSet();
        for (int index = 0; index < _transports.Length; index++)
        {
            if (!keep.Contains(index))
            {
                _transports[index]?.Dispose();
                _transports[index] = null;
            }
        }

        return [.. _transports.OfType<Transport>()];
    }

    public void Dispose()
    {
        foreach (Transport? transport in _transports)
        {
            transport?.Dispose();
        }
    }
}
