using System.Buffers.Binary;
using System.Globalization;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Membership;

/// <summary>Which of the processes that wait to be taken in all members take in: those that rank 0 has seen and all others see too.</summary>
internal static class Newcomers
{
    private const int Most = 4096;

    /// <summary>News of a newcomer that one rank has come to the others within moments.</summary>
    private static readonly TimeSpan News = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>All ranks call it. Job ranks, ascending; none where nobody waits and none has to.</summary>
    /// <exception cref="CommunicatorFaultException">A fault came first.</exception>
    /// <exception cref="RendezvousException">Fewer than <paramref name="atLeast"/> came in time: the communicator goes on as it is.</exception>
    public static int[] Agree(IControlPlane control, int atLeast, TimeSpan timeout)
    {
        int[] first = control.Rank == 0 ? AwaitOnRankZero(control, atLeast, timeout) : [];
        int[] offered = Read(control.AllGather(Write(first), timeout + News)[0]);
        if (offered.Length == 0 && atLeast == 0)
        {
            return [];
        }

        int[][] seen = [.. control.AllGather(Write(AwaitThese(control, offered)), timeout + News).Select(blob => Read(blob))];
        int[] all = [.. offered.Where(newcomer => Array.TrueForAll(seen, by => by.Contains(newcomer)))];
        return all.Length >= atLeast
            ? all
            : throw new RendezvousException(
                string.Create(CultureInfo.InvariantCulture, $"{all.Length} of at least {atLeast} newcomers came within {timeout.TotalSeconds:0.###} s. Start them with RDMACC_NEWCOMER=1 and the rendezvous of this job, or ask for fewer; a longer time is set by RDMACC_JOIN_TIMEOUT."),
                control.Rank);
    }

    // In slices, so that a fault ends it.
    private static int[] AwaitOnRankZero(IControlPlane control, int atLeast, TimeSpan timeout)
    {
        long start = control.Pace.Timestamp;
        while (true)
        {
            IReadOnlyList<int> waiting = control.AwaitNewcomers(atLeast, TimeSpan.Zero);
            if (waiting.Count >= atLeast || control.Faults.IsSet || control.Pace.Since(start) > timeout)
            {
                return [.. waiting.Take(Most).Order()];
            }

            control.Pace.Sleep(Look);
        }
    }

    private static int[] AwaitThese(IControlPlane control, int[] offered)
    {
        long start = control.Pace.Timestamp;
        while (true)
        {
            IReadOnlyList<int> waiting = control.AwaitNewcomers(0, TimeSpan.Zero);
            int[] known = [.. offered.Where(waiting.Contains)];
            if (known.Length == offered.Length || control.Faults.IsSet || control.Pace.Since(start) > News)
            {
                return known;
            }

            control.Pace.Sleep(Look);
        }
    }

    private static byte[] Write(int[] ranks)
    {
        byte[] bytes = new byte[sizeof(int) * ranks.Length];
        for (int i = 0; i < ranks.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), ranks[i]);
        }

        return bytes;
    }

    private static int[] Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(int) != 0 || bytes.Length > Most * sizeof(int))
        {
            throw ByteReader.Malformed();
        }

        var reader = new ByteReader(bytes);
        int[] ranks = new int[bytes.Length / sizeof(int)];
        for (int i = 0; i < ranks.Length; i++)
        {
            ranks[i] = reader.Int32();
        }

        return ranks;
    }
}
