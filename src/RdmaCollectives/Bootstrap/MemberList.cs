namespace RdmaCollectives.Bootstrap;

/// <summary>The identities of all members, as the payloads of a few frames.</summary>
internal static class MemberList
{
    public static List<byte[]> Write(IReadOnlyList<MemberIdentity> members)
    {
        var lists = new List<byte[]>();
        var list = new List<byte>();
        foreach (MemberIdentity member in members)
        {
            byte[] bytes = member.Write();
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
    public static void Read(ReadOnlySpan<byte> list, List<MemberIdentity> to)
    {
        while (list.Length > 0)
        {
            MemberIdentity? member = list[0] < list.Length ? MemberIdentity.TryRead(list.Slice(1, list[0])) : null;
            to.Add(member ?? throw new CollectiveException(Error.Protocol, "The list of members can't be read."));
            list = list[(1 + list[0])..];
        }
    }
}
