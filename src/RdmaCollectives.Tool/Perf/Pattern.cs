using System.Buffers.Binary;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Tool.Perf;

/// <summary>
/// Inputs whose reduction is known exactly: small whole numbers, different for each rank, element and round, such that every partial result in every order is exact in the element type.
/// </summary>
/// <remarks>
/// The numbers repeat after a prime count of elements, so that no chunk of a power of two meets itself: a piece that lands in the wrong place, twice or not at all shows.
/// Filling and comparing are copies and comparisons of whole periods, so that checking costs no more than the call.
/// </remarks>
internal sealed unsafe class Pattern
{
    private const int Period = 1021;

    /// <summary>Every byte of a receive buffer before a checked call; no expected element has this value (NaN, -1 or the largest).</summary>
    public const byte Poison = 0xFF;

    private readonly DataType _type;
    private readonly int _elementSize;
    private readonly int _rank;
    private readonly int _round;
    private readonly PatternValues _values;
    private readonly Dictionary<int, byte[]> _tables = [];

    /// <param name="type">The element type.</param>
    /// <param name="reduction">The reduction that the numbers have to be exact in; null: they are only moved.</param>
    /// <param name="rank">Whose input <see cref="Fill"/> writes.</param>
    /// <param name="ranks">How many there are.</param>
    /// <param name="round">Another round has other numbers.</param>
    public Pattern(DataType type, PerfReduction? reduction, int rank, int ranks, int round)
    {
        (_type, _elementSize, _rank, _round) = (type, type.ElementSize(), rank, round);
        _values = new PatternValues(type, reduction, ranks);
    }

    /// <summary>Writes this rank's input.</summary>
    public void Fill(byte* at, long elements)
    {
        ReadOnlySpan<byte> own = Table(_rank);
        for (long bytes = elements * _elementSize; bytes > 0; bytes -= own.Length, at += own.Length)
        {
            ReadOnlySpan<byte> period = own[..(int)Math.Min(own.Length, bytes)];
            period.CopyTo(new Span<byte>(at, period.Length));
        }
    }

    /// <summary>The number of elements of a piece that are not what it says.</summary>
    /// <param name="receive">The receive buffer, not the piece.</param>
    /// <param name="piece">What a part of it has to hold.</param>
    public long CountWrong(byte* receive, Piece piece)
    {
        ReadOnlySpan<byte> table = Table(piece.Source);
        long wrong = 0;
        for (long done = 0; done < piece.Count;)
        {
            int phase = (int)((piece.First + done) % Period);
            int run = (int)Math.Min(Period - phase, piece.Count - done);
            ReadOnlySpan<byte> elements = new(receive + ((piece.At + done) * _elementSize), run * _elementSize);
            ReadOnlySpan<byte> expected = table.Slice(phase * _elementSize, run * _elementSize);
            wrong += elements.SequenceEqual(expected) ? 0 : CountDifferent(elements, expected);
            done += run;
        }

        return wrong;
    }

    private int CountDifferent(ReadOnlySpan<byte> elements, ReadOnlySpan<byte> expected)
    {
        int different = 0;
        for (int i = 0; i < elements.Length; i += _elementSize)
        {
            different += elements.Slice(i, _elementSize).SequenceEqual(expected.Slice(i, _elementSize)) ? 0 : 1;
        }

        return different;
    }

    /// <summary>One period of what a piece can be.</summary>
    private byte[] Table(int source)
    {
        if (!_tables.TryGetValue(source, out byte[]? table))
        {
            table = new byte[Period * _elementSize];
            FillTable(table, source);
            _tables.Add(source, table);
        }

        return table;
    }

    private void FillTable(byte[] table, int source)
    {
        if (source == Piece.Untouched)
        {
            table.AsSpan().Fill(Poison);
            return;
        }

        for (int i = 0; i < Period; i++)
        {
            Write(table, i, source == Piece.Reduction ? _values.Result(i, _round) : _values.Input(source, i, _round));
        }
    }

    private void Write(byte[] table, int index, int value)
    {
        Span<byte> at = table.AsSpan(index * _elementSize, _elementSize);
        switch (_type)
        {
            case DataType.Int8 or DataType.UInt8:
                at[0] = (byte)value;
                break;
            case DataType.Int16 or DataType.UInt16:
                BinaryPrimitives.WriteInt16LittleEndian(at, (short)value);
                break;
            case DataType.Int32 or DataType.UInt32:
                BinaryPrimitives.WriteInt32LittleEndian(at, value);
                break;
            case DataType.Int64 or DataType.UInt64:
                BinaryPrimitives.WriteInt64LittleEndian(at, value);
                break;
            case DataType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(at, (Half)value);
                break;
            case DataType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(at, value);
                break;
            case DataType.Float64:
                BinaryPrimitives.WriteDoubleLittleEndian(at, value);
                break;
            case DataType.BFloat16:
                BinaryPrimitives.WriteUInt16LittleEndian(at, ((BFloat16)value).ToBits());
                break;
            case DataType.Float8E4M3:
                at[0] = ((Float8E4M3)value).ToBits();
                break;
            case DataType.Float8E5M2:
                at[0] = ((Float8E5M2)value).ToBits();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), _type, "The pattern has no encoding for this type.");
        }
    }
}
