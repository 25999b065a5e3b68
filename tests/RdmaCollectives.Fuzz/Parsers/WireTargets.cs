using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What stands before a payload, and in memory that a NIC writes.</summary>
internal static unsafe class WireTargets
{
    private const uint Epoch = 1;

    /// <summary>A message is the expected one only where every word but the credit agrees. An input is two headers: the expected one and the one that came.</summary>
    public static FuzzTarget Headers() => new Pairs(
        "message-header",
        ["Transports/MessageHeader.cs"],
        2 * MessageHeader.ByteSize,
        static random =>
        {
            byte[] header = Make.Bytes(random, MessageHeader.ByteSize);
            return new Layout([.. header, .. header]).Number(4).Number(4).Number(4).Choice().Choice().Number(2).Number(4).Number(4).Number(4).Choice().Choice().Number(2).Done();
        },
        static input =>
        {
            fixed (byte* bytes = input)
            {
                bool isEqual = input.AsSpan(0, 14).SequenceEqual(input.AsSpan(MessageHeader.ByteSize, 14));
                bool matches = ((MessageHeader*)bytes)[1].Matches(((MessageHeader*)bytes)[0]);
                return matches == isEqual ? matches : throw new BrokenInvariantException("a header matches another that differs, or not its like");
            }
        });

    /// <summary>A credit line is taken only where it is whole, newer and of this epoch. An input is the line and the number of the last one.</summary>
    public static FuzzTarget CreditLines() => new Pairs(
        "credit-line",
        ["Rdma/CreditLine.cs"],
        CreditLine.ByteSize + sizeof(ulong),
        static random =>
        {
            ulong number = 1 + (ulong)random.NextInt64(1L << 40);
            CreditLine line = CreditLine.Create(Make.ULong(random), random.Next(6) == 0 ? 2 : Epoch, number);
            byte[] bytes = new ReadOnlySpan<byte>(&line, CreditLine.ByteSize).ToArray();
            return new Layout([.. bytes, .. BitConverter.GetBytes(random.Next(6) == 0 ? number : number - 1)]).Number(8).Opaque(28).Number(4).Opaque(8).Number(8).Number(8).Number(8).Done();
        },
        static input =>
        {
            CreditLine line;
            input.AsSpan(0, CreditLine.ByteSize).CopyTo(new Span<byte>(&line, CreditLine.ByteSize));
            ulong last = BitConverter.ToUInt64(input, CreditLine.ByteSize);
            ulong before = last;
            if (!CreditLine.TryTake(&line, Epoch, ref last, out ulong released))
            {
                return last == before ? false : throw new BrokenInvariantException("a line that is not taken was counted");
            }

            CreditLine again = CreditLine.Create(released, Epoch, last);
            return last > before && new ReadOnlySpan<byte>(&again, CreditLine.ByteSize).SequenceEqual(new ReadOnlySpan<byte>(&line, CreditLine.ByteSize))
                ? true
                : throw new BrokenInvariantException("a line was taken that nobody wrote");
        });

    /// <summary>The line of an output likewise.</summary>
    public static FuzzTarget OutputLines() => new Pairs(
        "output-line",
        ["Rdma/OutputLine.cs"],
        OutputLine.ByteSize + sizeof(ulong),
        static random =>
        {
            ulong number = 1 + (ulong)random.NextInt64(1L << 40);
            OutputLine line = new() { Call = Make.ULong(random), Address = Make.ULong(random), ByteCount = Make.ULong(random), RemoteKey = (uint)Make.ULong(random), Path = (uint)random.Next(32), Epoch = random.Next(6) == 0 ? 2 : Epoch };
            line.Seal(number);
            byte[] bytes = new ReadOnlySpan<byte>(&line, OutputLine.ByteSize).ToArray();
            return new Layout([.. bytes, .. BitConverter.GetBytes(random.Next(6) == 0 ? number : number - 1)]).Number(8).Number(8).Number(8).Number(4).Number(4).Opaque(4).Number(4).Opaque(8).Number(8).Number(8).Number(8).Done();
        },
        static input =>
        {
            OutputLine line;
            input.AsSpan(0, OutputLine.ByteSize).CopyTo(new Span<byte>(&line, OutputLine.ByteSize));
            ulong last = BitConverter.ToUInt64(input, OutputLine.ByteSize);
            ulong before = last;
            OutputLine taken = default;
            if (!OutputLine.TryTake(&line, Epoch, ref last, ref taken))
            {
                return last == before && taken.Call == 0 ? false : throw new BrokenInvariantException("a line that is not taken was counted");
            }

            taken.Seal(last);
            return last > before && taken.Epoch == Epoch && new ReadOnlySpan<byte>(&taken, OutputLine.ByteSize).SequenceEqual(input.AsSpan(0, OutputLine.ByteSize))
                ? true
                : throw new BrokenInvariantException("a line was taken that nobody wrote");
        });

    public static FuzzTarget Immediates() => new Pairs(
        "immediate",
        ["Rdma/Immediate.cs"],
        sizeof(uint),
        static random => new Layout(BitConverter.GetBytes(new Immediate(Make.ULong(random), random.Next(128), random.Next(32), random.Next(64)).Value)).Number(4).Done(),
        static input =>
        {
            var immediate = new Immediate(BitConverter.ToUInt32(input));
            return new Immediate(immediate.Sequence, immediate.Piece, immediate.Path, immediate.Epoch) == immediate ? true : throw new BrokenInvariantException("it is written otherwise");
        });

    /// <summary>Parsers of a fixed number of bytes, which whoever calls has already.</summary>
    private sealed class Pairs(string name, string[] sources, int byteCount, Func<Random, Sample> generate, Func<byte[], bool> isTaken) : FuzzTarget
    {
        public override string Name => name;

        public override IReadOnlyList<string> Sources => sources;

        public override bool TakesItsSamples => false;

        public override Sample Generate(Random random) => generate(random);

        public override Outcome Run(byte[] input) => input.Length == byteCount && isTaken(input) ? Outcome.Accepted : Outcome.Refused;
    }
}
