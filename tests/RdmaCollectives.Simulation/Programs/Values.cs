using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What ranks give, and what comes of it: integers that wrap around, so every sum is exact and each element is different.</summary>
internal static class Values
{
    /// <summary>Element <paramref name="index"/> of what a rank gives to a call.</summary>
    public static int Of(int call, int rank, int index) => (int)SeededRandom.Mix(((ulong)(uint)call << 40) ^ ((ulong)(uint)rank << 32) ^ (uint)index ^ 0x5851F42D4C957F2D);

    public static int Sum(int call, int ranks, int index)
    {
        int sum = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            sum += Of(call, rank, index);
        }

        return sum;
    }
}
