using System.Net;
using System.Text;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>What a rank says of itself: which host it is on, and where it listens.</summary>
/// <param name="HostIdentity">Equal where loopback leads from one to the other: the host and its network namespace.</param>
/// <param name="Candidates">Addresses in the order to try.</param>
internal sealed record TcpDescription(string HostIdentity, IReadOnlyList<Candidate> Candidates)
{
    /// <summary>More addresses than this are not offered: those kept are the best, and the description stays under 4 KiB.</summary>
    public const int MaxCandidates = 32;

    private const byte Version = 1;
    private const int MaxNameBytes = 64;
    private const int MaxIdentityBytes = 512;

    /// <summary>The addresses to try from a host with <paramref name="ownIdentity"/>.</summary>
    public IReadOnlyList<Candidate> ReachableFrom(string ownIdentity) =>
        [.. Candidates.Where(candidate => !candidate.OnlyThisHost || string.Equals(ownIdentity, HostIdentity, StringComparison.Ordinal))];

    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(Version);
        WriteText(writer, HostIdentity, MaxIdentityBytes);
        writer.Write((byte)Math.Min(Candidates.Count, MaxCandidates));
        foreach (Candidate candidate in Candidates.Take(MaxCandidates))
        {
            byte[] address = candidate.Address.GetAddressBytes();
            writer.Write((byte)address.Length);
            writer.Write(address);
            writer.Write((ushort)candidate.Port);
            writer.Write(candidate.OnlyThisHost);
            WriteText(writer, candidate.Interface, MaxNameBytes);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static TcpDescription Parse(ReadOnlySpan<byte> bytes)
    {
        using BinaryReader reader = new(new MemoryStream(bytes.ToArray(), writable: false));
        try
        {
            byte version = reader.ReadByte();
            if (version != Version)
            {
                throw new InvalidDataException($"version {version} of the TCP description is not known here ({Version} is)");
            }

            string identity = ReadText(reader, MaxIdentityBytes);
            int count = reader.ReadByte();
            List<Candidate> candidates = new(Math.Min(count, MaxCandidates));
            for (int index = 0; index < count; index++)
            {
                byte[] address = reader.ReadBytes(reader.ReadByte());
                if (address.Length is not (4 or 16))
                {
                    throw new InvalidDataException($"an address has {address.Length} bytes where 4 or 16 are allowed");
                }

                int port = reader.ReadUInt16();
                bool onlyThisHost = reader.ReadBoolean();
                candidates.Add(new Candidate(ReadText(reader, MaxNameBytes), new IPAddress(address), port, onlyThisHost));
            }

            var description = new TcpDescription(identity, candidates);
            return bytes.SequenceEqual(description.ToBytes()) ? description : throw new InvalidDataException("the TCP description holds bytes that mean nothing, or texts that are not UTF-8");
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the TCP description ends early", e);
        }
    }

    private static void WriteText(BinaryWriter writer, string text, int maxBytes)
    {
        byte[] bytes = TravellingText.Shortened(text, maxBytes);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }

    private static string ReadText(BinaryReader reader, int maxBytes)
    {
        int count = reader.ReadUInt16();
        if (count > maxBytes)
        {
            throw new InvalidDataException($"a text of {count} bytes where {maxBytes} are the most");
        }

        byte[] bytes = reader.ReadBytes(count);
        return bytes.Length == count ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }
}
