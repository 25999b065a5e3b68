using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>The identities of all members, as the payloads of a few frames.</summary>
internal static class MemberList
{
    public static List<byte[]> Write(IReadOnlyList<JoinIdentity> members)
    {
        var lists = new List<byte[]>();
        var list = new List<byte>();
        foreach (JoinIdentity member in members)
        {
            byte[] bytes = (member with { JobId = "" }).Write(); // all have the same
            if (list.Count + 1 + bytes.Length > WireProtocol.MaxBlobBytes)
            {
                lists.Add([.. list]);
                list.Clear();
            }

            list.Add(checked((byte)bytes.Length));
            list.AddRange(bytes);
        }

        lists.Add([.. list]);
        return lists;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a list.</exception>
    public static void Read(ReadOnlySpan<byte> list, List<JoinIdentity> to)
    {
        while (list.Length > 0)
        {
            JoinIdentity? member = list[0] < list.Length ? JoinIdentity.TryRead(list.Slice(1, list[0])) : null;
            to.Add(member is { JobId.Length: 0 } ? member : throw new CollectiveException(Error.Protocol, "The list of members can't be read."));
            list = list[(1 + list[0])..];
        }
    }
}
