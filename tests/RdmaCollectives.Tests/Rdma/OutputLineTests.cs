using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>The line by which an output is opened, as it may be seen while an adapter writes it.</summary>
public sealed unsafe class OutputLineTests
{
    private const uint Epoch = 3;

    [Fact]
    public void TryTake_Whole_IsTakenOnce()
    {
        OutputLine line = Line(number: 1, call: 5);
        ulong last = 0;
        OutputLine taken = default;
        Assert.True(OutputLine.TryTake(&line, Epoch, ref last, ref taken));
        Assert.Equal((5ul, 1ul), (taken.Call, last));
        Assert.False(OutputLine.TryTake(&line, Epoch, ref last, ref taken));
    }

    [Fact]
    public void TryTake_OfAnotherEpoch_IsNot()
    {
        OutputLine line = Line(number: 1, call: 5);
        ulong last = 0;
        OutputLine taken = default;
        Assert.False(OutputLine.TryTake(&line, Epoch + 1, ref last, ref taken));
        Assert.Equal((0ul, 0ul), (taken.Call, last));
    }

    /// <summary>Any of its words may still be that of the line before: never a mixture, and the line before stays the one that is known.</summary>
    [Fact]
    public void TryTake_TornBetweenTwo_IsEitherOrNothing()
    {
        OutputLine first = Line(number: 1, call: 5);
        OutputLine second = Line(number: 2, call: 6);
        const int words = OutputLine.ByteSize / sizeof(ulong);
        int whole = 0;
        for (uint from = 0; from < 1u << words; from++)
        {
            OutputLine torn = first;
            for (int word = 0; word < words; word++)
            {
                ((ulong*)&torn)[word] = (from >> word & 1) == 0 ? ((ulong*)&first)[word] : ((ulong*)&second)[word];
            }

            ulong last = 1;
            OutputLine taken = first;
            bool isTaken = OutputLine.TryTake(&torn, Epoch, ref last, ref taken);
            bool isSecond = new ReadOnlySpan<byte>(&torn, OutputLine.ByteSize).SequenceEqual(new ReadOnlySpan<byte>(&second, OutputLine.ByteSize));
            Assert.Equal(isSecond, isTaken);
            Assert.Equal(isSecond ? 6ul : 5ul, taken.Call);
            whole += isSecond ? 1 : 0;
        }

        Assert.Equal(2 * 2, whole); // two words are alike in both: the epoch's, and one that is not used
    }

    private static OutputLine Line(ulong number, ulong call)
    {
        OutputLine line = new() { Call = call, Address = 0x7000 + number, ByteCount = 1 << 20 | number, RemoteKey = (uint)(number * 77), Path = 0, Epoch = Epoch };
        line.Seal(number);
        return line;
    }
}
