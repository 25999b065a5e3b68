namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>128 bits over a sequence of words: two states with the same are taken for one.</summary>
internal struct StateHash
{
    private ulong _low = 0x9E37_79B9_7F4A_7C15;
    private ulong _high = 0xC2B2_AE3D_27D4_EB4F;

    public StateHash()
    {
    }

    public readonly UInt128 Value => new(_high, _low);

    public void Add(ulong word)
    {
        _low = Mix(_low ^ word);
        _high = Mix(_high + word * 0xFF51_AFD7_ED55_8CCD + 1);
    }

    public unsafe void Add<T>(T value)
        where T : unmanaged
    {
        var bytes = new ReadOnlySpan<byte>(&value, sizeof(T));
        AddFrom([], bytes);
    }

    /// <summary>Bytes as they are, or, where <paramref name="origins"/> are given, how far each is beyond its own (0 where it is not).</summary>
    public void AddFrom(ReadOnlySpan<byte> origins, ReadOnlySpan<byte> bytes)
    {
        ulong word = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            int origin = origins.IsEmpty ? 0 : origins[i];
            word = word << 8 | (byte)Math.Max(0, bytes[i] - origin);
            if (i % 8 == 7 || i == bytes.Length - 1)
            {
                Add(word);
                word = 0;
            }
        }
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8_FEB8_6659_FD93;
        x = (x ^ (x >> 29)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 32);
    }
}
