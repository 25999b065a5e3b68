using System.Net.Sockets;
using System.Runtime.InteropServices;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>Two ends of a socket of this process.</summary>
internal sealed class SocketPair : IDisposable
{
    public SocketPair()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var name = new UnixDomainSocketEndPoint($"\0rdmacc-fuzz-{Guid.NewGuid():N}");
        listener.Bind(name);
        listener.Listen(1);
        Near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Near.Connect(name);
        Far = listener.Accept();
        Near.Blocking = Far.Blocking = false;
    }

    public Socket Near { get; }

    public Socket Far { get; }

    /// <summary>Sends to the far end what it takes at once: unread messages of earlier inputs are gone first.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        Drain(Near);
        Drain(Far);
        int sent = bytes.Length == 0 ? 0 : Near.Send(bytes, SocketFlags.None, out _);
        if (sent != bytes.Length)
        {
            throw new InvalidOperationException($"The socket took {sent} of {bytes.Length} bytes.");
        }
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    private static void Drain(Socket socket)
    {
        Span<byte> sink = stackalloc byte[4096];
        while (socket.Available > 0)
        {
            socket.Receive(sink, SocketFlags.None, out _);
        }
    }
}

/// <summary>Messages of a TCP connection: headers and payloads, from a peer that counts as it likes.</summary>
internal sealed unsafe class TcpFramesTarget : FuzzTarget
{
    private const int SlotBytes = 512;
    private const int GuardBytes = 64;
    private const byte Guard = 0xA5;

    private readonly SocketPair _sockets = new();
    private readonly byte* _target = (byte*)NativeMemory.AlignedAlloc(SlotBytes + GuardBytes, 64);

    public override string Name => "tcp-frames";

    public override IReadOnlyList<string> Sources => ["Tcp/TcpReceiver.cs", "Tcp/ReceiveResult.cs"];

    public override Sample Generate(Random random)
    {
        var bytes = new List<byte>();
        var fields = new List<Field>();
        int messages = random.Next(1, 4);
        for (int i = 0; i < messages; i++)
        {
            int count = random.Next(5) == 0 ? SlotBytes : random.Next(6) == 0 ? 0 : random.Next(SlotBytes);
            var header = new MessageHeader { Hash = Make.UInt(random), Sequence = (uint)i, ByteCount = (uint)count, Kind = MessageKind.Data, Epoch = 1 };
            int at = bytes.Count;
            bytes.AddRange(new ReadOnlySpan<byte>(&header, MessageHeader.ByteSize));
            bytes.AddRange(Make.Bytes(random, count));
            fields.AddRange([new Field(at, 4, FieldKind.Number), new Field(at + 4, 4, FieldKind.Number), new Field(at + 8, 4, FieldKind.Length), new Field(at + 12, 1, FieldKind.Choice), new Field(at + 13, 1, FieldKind.Number)]);
            if (count > 0)
            {
                fields.Add(new Field(at + MessageHeader.ByteSize, count, FieldKind.Opaque));
            }
        }

        return new Sample([.. bytes], fields);
    }

    public override Outcome Run(byte[] input)
    {
        _sockets.Send(input);
        using var receiver = new TcpReceiver((int)_sockets.Far.Handle, SlotBytes, cipher: null);
        int at = 0;
        while (true)
        {
            ReceiveResult result = receiver.ReadHeader();
            if (result.Kind == ReceiveResultKind.Malformed)
            {
                return BitConverter.ToUInt32(input, at + 8) > SlotBytes ? Outcome.Refused : throw new BrokenInvariantException("a header was refused that announces no more than a slot");
            }

            if (!receiver.HasHeader)
            {
                return at == input.Length ? Outcome.Accepted : input.Length - at < MessageHeader.ByteSize ? Outcome.Refused : throw new BrokenInvariantException("a header that is there was not read");
            }

            uint count = BitConverter.ToUInt32(input, at + 8);
            if (receiver.Header.ByteCount != count || count > SlotBytes)
            {
                throw new BrokenInvariantException($"a header was read with {receiver.Header.ByteCount} bytes, it says {count}");
            }

            // Sometimes the slot, sometimes the caller's memory.
            byte* target = (at & 1) == 0 ? _target : receiver.Slot;
            new Span<byte>(_target, SlotBytes + GuardBytes).Fill(Guard);
            receiver.Choose(target);
            receiver.ReadPayload();
            at += MessageHeader.ByteSize;
            if (new Span<byte>(_target, SlotBytes + GuardBytes)[(target == _target ? (int)count : 0)..].ContainsAnyExcept(Guard))
            {
                throw new BrokenInvariantException("bytes were written outside of the message");
            }

            if (!receiver.IsWhole)
            {
                return input.Length - at < count ? Outcome.Refused : throw new BrokenInvariantException("a payload that is there was not read");
            }

            if (!new ReadOnlySpan<byte>(target, (int)count).SequenceEqual(input.AsSpan(at, (int)count)))
            {
                throw new BrokenInvariantException("the payload is not what was sent");
            }

            at += (int)count;
            receiver.Take();
        }
    }

    public override void Dispose()
    {
        _sockets.Dispose();
        NativeMemory.AlignedFree(_target);
    }
}

/// <summary>
/// The same with encryption: what arrives was altered by somebody between the hosts. Sealing is deterministic for a key and a place, so whether a header or a payload is the peer's own is decided by sealing
/// it again: what is taken without being that was forged.
/// </summary>
internal sealed unsafe class TcpRecordsTarget : FuzzTarget
{
    private const int SlotBytes = 512;
    private const int HeadBytes = MessageHeader.ByteSize + RecordCipher.TagBytes;

    private readonly SocketPair _sockets = new();
    private readonly byte* _target = (byte*)NativeMemory.AlignedAlloc(SlotBytes, 64);

    public override string Name => "tcp-records";

    public override IReadOnlyList<string> Sources => ["Tcp/TcpReceiver.cs", "Transports/RecordCipher.cs"];

    public override Sample Generate(Random random)
    {
        using var cipher = new RecordCipher(new byte[RecordCipher.KeyBytes]);
        var bytes = new List<byte>();
        var fields = new List<Field>();
        int messages = random.Next(1, 4);
        for (int i = 0; i < messages; i++)
        {
            byte[] payload = Make.Bytes(random, random.Next(4) == 0 ? 0 : random.Next(SlotBytes + 1));
            byte[] record = Sealed(cipher, new MessageHeader { Sequence = (uint)i, ByteCount = (uint)payload.Length, Epoch = 1 }, payload);
            fields.AddRange([new Field(bytes.Count, HeadBytes, FieldKind.Opaque), .. payload.Length == 0 ? (Field[])[] : [new Field(bytes.Count + HeadBytes, record.Length - HeadBytes, FieldKind.Opaque)]]);
            bytes.AddRange(record);
        }

        return new Sample([.. bytes], fields);
    }

    public override Outcome Run(byte[] input)
    {
        _sockets.Send(input);
        using var cipher = new RecordCipher(new byte[RecordCipher.KeyBytes]);
        using var oracle = new RecordCipher(new byte[RecordCipher.KeyBytes]);
        using var receiver = new TcpReceiver((int)_sockets.Far.Handle, SlotBytes, cipher);
        for (int at = 0; ;)
        {
            ReceiveResult result = receiver.ReadHeader();
            if (!receiver.HasHeader)
            {
                return result.EndsConnection || at < input.Length ? Outcome.Refused : Outcome.Accepted;
            }

            receiver.Choose(_target);
            result = receiver.ReadPayload();
            if (!receiver.IsWhole)
            {
                return Outcome.Refused;
            }

            byte[] again = Sealed(oracle, receiver.Header, new ReadOnlySpan<byte>(_target, (int)receiver.Header.ByteCount));
            if (input.Length - at < again.Length || !again.AsSpan().SequenceEqual(input.AsSpan(at, again.Length)))
            {
                throw new BrokenInvariantException("a message was taken that the peer did not seal");
            }

            at += again.Length;
            receiver.Take();
        }
    }

    public override void Dispose()
    {
        _sockets.Dispose();
        NativeMemory.AlignedFree(_target);
    }

    private static byte[] Sealed(RecordCipher cipher, MessageHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[HeadBytes + (payload.IsEmpty ? 0 : payload.Length + RecordCipher.TagBytes)];
        cipher.Seal(new ReadOnlySpan<byte>(&header, MessageHeader.ByteSize), record.AsSpan(0, MessageHeader.ByteSize), record.AsSpan(MessageHeader.ByteSize, RecordCipher.TagBytes));
        if (!payload.IsEmpty)
        {
            cipher.Seal(payload, record.AsSpan(HeadBytes, payload.Length), record.AsSpan(HeadBytes + payload.Length));
        }

        return record;
    }
}

/// <summary>What a new socket says before the first message: strangers who know no token, and one who knows it and goes on with nonsense. The first byte of an input: odd, the right token goes before the others.</summary>
internal sealed class GreetingTarget : FuzzTarget
{
    private readonly SocketPair _sockets = new();
    private readonly UInt128 _token = Greeting.NewToken();

    public override string Name => "tcp-greeting";

    public override IReadOnlyList<string> Sources => ["Tcp/TcpGreeter.cs", "Tcp/Greeting.cs"];

    public override bool TakesItsSamples => false;

    public override Sample Generate(Random random) => random.Next(3) switch
    {
        0 => new Layout([1, Greeting.Confirmation]).Opaque(1).Choice().Done(),
        1 => new Layout([0, .. Make.Bytes(random, Greeting.TokenBytes), Greeting.Confirmation]).Opaque(1).Opaque(Greeting.TokenBytes).Choice().Done(),
        _ => new Layout([0, .. Make.Bytes(random, random.Next(Greeting.TokenBytes))]).Done(),
    };

    public override Outcome Run(byte[] input)
    {
        bool knows = input.Length > 0 && (input[0] & 1) != 0;
        byte[] rest = input.Length > 0 ? input[1..] : [];
        byte[] sent = knows ? [.. Greeting.ToBytes(_token), .. rest] : rest;
        _sockets.Send(sent);
        var expectation = new TcpExpectation { Answer = 5 };
        var expected = new Dictionary<UInt128, TcpExpectation> { [_token] = expectation };
        var greeter = new TcpGreeter(_sockets.Far, TimeSpan.FromHours(1));
        string? refusal = greeter.Read(expected, out bool isDone);
        bool isRight = sent.Length > Greeting.TokenBytes && Greeting.ReadToken(sent) == _token && sent[Greeting.TokenBytes] == Greeting.Confirmation;
        return isDone != isRight ? throw new BrokenInvariantException(isDone ? "a stranger became a connection" : "the expected rank was refused")
            : isDone && expectation.Socket is null ? throw new BrokenInvariantException("done, and there is no socket")
            : isDone && refusal is null ? Outcome.Accepted
            : Outcome.Refused;
    }

    public override void Dispose() => _sockets.Dispose();
}
