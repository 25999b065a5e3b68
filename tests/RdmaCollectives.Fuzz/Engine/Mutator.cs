using System.Buffers.Binary;

namespace RdmaCollectives.Fuzz.Engine;

/// <summary>
/// Turns a valid message into one that is nearly valid: it knows where numbers, lengths, kinds and texts lie, and puts values there that parsers get wrong. A quarter of the changes are blind
/// (bits, bytes, cuts anywhere), since no description of a message is complete.
/// </summary>
internal sealed class Mutator(Random random)
{
    private static readonly long[] s_interesting =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 253, 254, 255, 256, 511, 512, 513, 1023, 1024, 4095, 4096, 4097, 32767, 32768, 65534, 65535, 65536, 65537,
        16_777_215, 16_777_216, int.MaxValue - 1, int.MaxValue, int.MaxValue + 1L, uint.MaxValue - 1L, uint.MaxValue, uint.MaxValue + 1L, long.MaxValue, long.MinValue, int.MinValue, -1, -2, -4, -16, -128, -32768,
    ];

    private static readonly byte[][] s_badText =
    [
        [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0x00], [0x80], [0x0A], [0x1B], [0xEF, 0xBF, 0xBD], [0x2F, 0x2E, 0x2E, 0x2F],
    ];

    /// <summary>A few changes of a message; <paramref name="other"/> is another one, to splice with.</summary>
    public byte[] Mutate(Sample sample, byte[] other)
    {
        byte[] bytes = sample.Bytes;
        IReadOnlyList<Field> fields = sample.Fields;
        int changes = 1 + (random.Next(3) == 0 ? random.Next(4) : 0);
        for (int i = 0; i < changes; i++)
        {
            int length = bytes.Length;
            bytes = fields.Count > 0 && random.Next(4) != 0 ? ChangeField(bytes, fields[random.Next(fields.Count)], fields, other) : ChangeBlindly(bytes, other);
            if (bytes.Length != length)
            {
                fields = []; // they lie elsewhere now
            }
        }

        return bytes;
    }

    private byte[] ChangeField(byte[] bytes, Field field, IReadOnlyList<Field> fields, byte[] other) => random.Next(10) switch
    {
        0 => bytes[..Math.Clamp(field.Offset + random.Next(-1, 2), 0, bytes.Length)], // cut at its front
        1 => bytes[..Math.Clamp(field.Offset + field.Length + random.Next(-1, 2), 0, bytes.Length)], // or behind it
        2 => Replace(bytes, field.Offset, field.Length, []), // taken out
        3 => Replace(bytes, field.Offset + field.Length, 0, bytes.AsSpan(field.Offset, field.Length)), // there twice
        4 => Swap(bytes, field, fields[random.Next(fields.Count)]),
        5 when other.Length > field.Offset => [.. bytes.AsSpan(0, field.Offset), .. other.AsSpan(field.Offset)], // spliced
        _ => field.Kind switch
        {
            FieldKind.Text when random.Next(4) == 0 => Resize(bytes, field, fields),
            FieldKind.Text or FieldKind.Opaque => ChangeContents(bytes, field),
            _ => SetNumber(bytes, field),
        },
    };

    private byte[] ChangeContents(byte[] bytes, Field field)
    {
        int at = field.Offset + random.Next(field.Length + 1);
        return random.Next(6) switch
        {
            0 => Replace(bytes, at, 0, s_badText[random.Next(s_badText.Length)]),
            1 => Overwrite(bytes, at, s_badText[random.Next(s_badText.Length)]),
            2 => Replace(bytes, at, 0, new byte[1 + random.Next(random.Next(8) == 0 ? 600 : 16)]),
            3 => Overwrite(bytes, field.Offset, new byte[field.Length]),
            _ => FlipBit(bytes, field.Offset + random.Next(field.Length)),
        };
    }

    // A text that is longer or shorter, and the length before it says so: only its limit is wrong, if anything.
    private byte[] Resize(byte[] bytes, Field text, IReadOnlyList<Field> fields)
    {
        int by = random.Next(4) == 0 ? random.Next(300) : random.Next(3) == 0 ? -random.Next(text.Length + 1) : random.Next(1, 4);
        byte[] filler = new byte[Math.Max(0, by)];
        Array.Fill(filler, (byte)'x');
        byte[] changed = Replace(bytes, text.Offset, Math.Max(0, -by), filler);
        foreach (Field field in fields)
        {
            if (field.Kind == FieldKind.Length && field.Offset + field.Length <= text.Offset && Read(bytes.AsSpan(field.Offset, field.Length)) == text.Length)
            {
                Write(changed.AsSpan(field.Offset, field.Length), text.Length + by);
            }
        }

        return changed;
    }

    private byte[] SetNumber(byte[] bytes, Field field)
    {
        byte[] changed = [.. bytes];
        Span<byte> at = changed.AsSpan(field.Offset, field.Length);
        long now = Read(at);
        long value = random.Next(field.Kind == FieldKind.Number ? 3 : 4) switch
        {
            0 => s_interesting[random.Next(s_interesting.Length)],
            1 => now + random.Next(-2, 3),
            2 => random.NextInt64(),
            _ => random.Next(1, 20),
        };
        Write(at, value);
        return changed;
    }

    private byte[] ChangeBlindly(byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0)
        {
            return [.. other];
        }

        int at = random.Next(bytes.Length);
        switch (random.Next(9))
        {
            case 0: return FlipBit(bytes, at);
            case 1: return Overwrite(bytes, at, [(byte)random.Next(256)]);
            case 2: return bytes[..at];
            case 3: return [.. bytes, .. RandomBytes(1 + random.Next(random.Next(16) == 0 ? 2000 : 12))];
            case 4: return [.. bytes, .. bytes];
            case 5: return Replace(bytes, at, Math.Min(random.Next(1, 5), bytes.Length - at), []);
            case 6: return Replace(bytes, at, 0, RandomBytes(1 + random.Next(8)));
            case 7: return [.. bytes.AsSpan(0, at), .. other.AsSpan(Math.Min(at, other.Length))];
            default:
                int width = Math.Min(1 << random.Next(4), bytes.Length - at);
                return SetNumber(bytes, new Field(at, width, FieldKind.Length));
        }
    }

    private byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] FlipBit(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        if (at < changed.Length)
        {
            changed[at] ^= (byte)(1 << random.Next(8));
        }

        return changed;
    }

    private static byte[] Swap(byte[] bytes, Field one, Field other)
    {
        byte[] changed = [.. bytes];
        int length = Math.Min(one.Length, other.Length);
        bytes.AsSpan(one.Offset, length).CopyTo(changed.AsSpan(other.Offset));
        bytes.AsSpan(other.Offset, length).CopyTo(changed.AsSpan(one.Offset));
        return changed;
    }

    private static byte[] Overwrite(byte[] bytes, int at, ReadOnlySpan<byte> with)
    {
        byte[] changed = [.. bytes];
        int length = Math.Min(with.Length, Math.Max(0, changed.Length - at));
        with[..length].CopyTo(changed.AsSpan(Math.Min(at, changed.Length)));
        return changed;
    }

    private static byte[] Replace(byte[] bytes, int at, int length, ReadOnlySpan<byte> with) => [.. bytes.AsSpan(0, at), .. with, .. bytes.AsSpan(at + length)];

    private static long Read(ReadOnlySpan<byte> from)
    {
        Span<byte> wide = stackalloc byte[sizeof(long)];
        wide.Clear();
        from[..Math.Min(from.Length, wide.Length)].CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    private static void Write(Span<byte> to, long value)
    {
        Span<byte> wide = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(wide, value);
        wide[..Math.Min(to.Length, wide.Length)].CopyTo(to);
    }
}
