using RdmaCollectives.Bootstrap;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>
/// A stream of sealed frames, cut and opened as the control thread does. Sealing is deterministic for a key and a counter, so whether a frame is the holder's own is decided by sealing it again: what is
/// opened without being that was forged.
/// </summary>
internal sealed class FrameTarget : FuzzTarget
{
    private static readonly byte[] s_key = new byte[32];

    public override string Name => "frames";

    public override IReadOnlyList<string> Sources => ["Bootstrap/FrameBuffer.cs", "Bootstrap/FrameOpener.cs", "Bootstrap/Frame.cs"];

    // Room for the frame that a length announces, and its plain text.
    public override long AllocationBound(int inputBytes) => base.AllocationBound(inputBytes) + (2 * WireProtocol.MaxSealedBytes);

    public override Sample Generate(Random random)
    {
        using var sealer = new FrameSealer(s_key);
        var stream = new List<byte>();
        var fields = new List<Field>();
        int frames = random.Next(1, 4);
        for (int i = 0; i < frames; i++)
        {
            var frame = new Frame((FrameKind)random.Next(256), Make.Int(random), Make.ULong(random), Make.Bytes(random, random.Next(random.Next(20) == 0 ? 3000 : 60)), Make.ULong(random));
            byte[] bytes = new byte[FrameSealer.SealedBytes(frame)];
            sealer.Seal(frame, bytes);
            fields.Add(new Field(stream.Count, WireProtocol.PrefixBytes, FieldKind.Length));
            fields.Add(new Field(stream.Count + WireProtocol.PrefixBytes, bytes.Length - WireProtocol.PrefixBytes - WireProtocol.TagBytes, FieldKind.Opaque));
            fields.Add(new Field(stream.Count + bytes.Length - WireProtocol.TagBytes, WireProtocol.TagBytes, FieldKind.Opaque));
            stream.AddRange(bytes);
        }

        return new Sample([.. stream], fields);
    }

    public override Outcome Run(byte[] input)
    {
        using var opener = new FrameOpener(s_key);
        using var oracle = new FrameSealer(s_key);
        var buffer = new FrameBuffer(WireProtocol.MaxSealedBytes);
        int piece = input.Length == 0 ? 1 : 1 + (input[0] * 37 % Math.Max(1, input.Length));
        int consumed = 0;
        try
        {
            for (int at = 0; at < input.Length;)
            {
                int count = Math.Min(Math.Min(piece, buffer.Free.Length), input.Length - at);
                if (count == 0)
                {
                    throw new BrokenInvariantException("there is no room for the next bytes, and no frame either");
                }

                input.AsSpan(at, count).CopyTo(buffer.Free);
                buffer.Advance(count);
                at += count;
                while (buffer.TryTake(out ReadOnlySpan<byte> sealedFrame))
                {
                    int length = sealedFrame.Length;
                    Frame frame = opener.Open(sealedFrame);
                    byte[] again = new byte[FrameSealer.SealedBytes(frame)];
                    oracle.Seal(frame, again);
                    if (again.Length != WireProtocol.PrefixBytes + length || !again.AsSpan().SequenceEqual(input.AsSpan(consumed, again.Length)))
                    {
                        throw new BrokenInvariantException("a frame was opened that the holder of the key did not seal");
                    }

                    consumed += again.Length;
                }
            }
        }
        catch (CollectiveException e) when (e.Error == Error.Protocol)
        {
            return Outcome.Refused;
        }

        return consumed == input.Length ? Outcome.Accepted : Outcome.Refused; // the rest of a frame is still to come
    }
}
