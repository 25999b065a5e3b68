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
internal sealed class Pattern
{
    private const int Period = 1021;

    /// <summary>Every byte of a receive buffer before a checked call; no expected element has this value (NaN, -1 or the largest).</summary>
    public const byte Poison = 0xFF;

    private readonly DataType _type;
    private readonly int _elementSize;
    private readonly byte[] _own;
    private readonly byte[] _expected;

    /// <param name="type">The element type.</param>
    /// <param name="op">The reduction.</param>
    /// <param name="rank">Whose input.</param>
    /// <param name="ranks">How many there are.</param>
    /// <param name="round">Another round has other numbers.</param>
    public Pattern(DataType type, ReduceOp op, int rank, int ranks, int round)
    {
        _type = type;
        _elementSize = type.ElementSize();
        _own = new byte[Period * _elementSize];
        _expected = new byte[Period * _elementSize];
        var values = new PatternValues(type, op, ranks);
        for (int i = 0; i < Period; i++)
        {
            Write(_own, i, values.Input(rank, i, round));
            Write(_expected, i, values.Result(i, round));
        }
    }

    /// <summary>Fills a buffer with this rank's input.</summary>
    public void Fill(PerfBuffer buffer, long byteCount)
    {
        for (long at = 0; at < byteCount; at += _own.Length)
        {
            Span<byte> period = buffer.Slice(at, Math.Min(_own.Length, byteCount - at));
            _own.AsSpan(0, period.Length).CopyTo(period);
        }
    }

    /// <summary>The number of elements that are not the result.</summary>
    public long CountWrong(PerfBuffer buffer, long byteCount)
    {
        long wrong = 0;
        for (long at = 0; at < byteCount; at += _expected.Length)
        {
            ReadOnlySpan<byte> period = buffer.Slice(at, Math.Min(_expected.Length, byteCount - at));
            ReadOnlySpan<byte> expected = _expected.AsSpan(0, period.Length);
            wrong += period.SequenceEqual(expected) ? 0 : CountDifferent(period, expected);
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
                BinaryPrimitives.WriteInt16LittleEndian(at, (short)(BitConverter.SingleToInt32Bits(value) >> 16)); // the upper half of a float; the lower is zero for these values
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
