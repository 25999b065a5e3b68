namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>Bytes of any number from every rank.</summary>
internal static class Gathering
{
    /// <summary>All ranks get those of all, in the order of the ranks.</summary>
    public static byte[][] AllGather(Communicator communicator, byte[] own)
    {
        int[] counts = Counts(communicator, own.Length);
        byte[] all = new byte[counts.Sum()];
        communicator.AllGather<byte>(own, all, counts);
        return Split(all, counts);
    }

    /// <summary>Rank 0 gets those of all ranks; the others get none.</summary>
    public static byte[][] Gather(Communicator communicator, byte[] own)
    {
        int[] counts = Counts(communicator, own.Length);
        byte[] all = communicator.Rank == 0 ? new byte[counts.Sum()] : [];
        communicator.Gather<byte>(own, all, communicator.Rank == 0 ? counts : [], [], 0);
        return communicator.Rank == 0 ? Split(all, counts) : [];
    }

    private static int[] Counts(Communicator communicator, int own)
    {
        int[] counts = new int[communicator.WorldSize];
        communicator.AllGather<int>([own], counts);
        return counts;
    }

    private static byte[][] Split(byte[] all, int[] counts)
    {
        byte[][] parts = new byte[counts.Length][];
        int offset = 0;
        for (int rank = 0; rank < counts.Length; rank++)
        {
            parts[rank] = all[offset..(offset + counts[rank])];
            offset += counts[rank];
        }

        return parts;
    }
}
