using System.Net;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Mesh;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What frames of the control plane carry.</summary>
internal static class BootstrapTargets
{
    public static FuzzTarget JoinIdentity() => new CodecTarget<JoinIdentity?>
    {
        Title = "join-identity",
        Files = ["Handshake/JoinIdentity.cs"],
        Make = Identity,
        Encode = static identity => identity!.Write(),
        Parse = static bytes => RdmaCollectives.Bootstrap.Handshake.JoinIdentity.TryRead(bytes),
        Describe = Describe,
        IsDeclared = static _ => false,
        WhatIsWrong = static identity => System.Text.Encoding.UTF8.GetByteCount(identity!.HostName) > RdmaCollectives.Bootstrap.Handshake.JoinIdentity.MaxHostNameBytes ? "the host's name is longer than allowed"
            : System.Text.Encoding.UTF8.GetByteCount(identity.JobId) > RdmaCollectives.Bootstrap.Handshake.JoinIdentity.MaxJobIdBytes ? "the job's id is longer than allowed"
            : null,
    };

    public static FuzzTarget Members() => new CodecTarget<List<MemberIdentity>>
    {
        Title = "member-list",
        Files = ["Bootstrap/MemberList.cs", "Bootstrap/MemberIdentity.cs", "Bootstrap/ProcessOrigin.cs"],
        Make = static random => [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Member(random))],
        Encode = static members => members.Count == 0 ? [] : MemberList.Write(members)[0],
        Parse = static bytes =>
        {
            var members = new List<MemberIdentity>();
            MemberList.Read(bytes, members);
            return members;
        },
        AreEqual = static (one, other) => one.SequenceEqual(other),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            while (!layout.IsAtEnd)
            {
                layout.Size(1).Opaque(16).Number(8).Number(8).Number(2);
                int address = layout.Peek();
                layout.Size(1).Opaque(address).Number(4).Number(4).Number(4).Number(4);
                int host = layout.Peek();
                layout.Size(1).Size(1).Text(host);
            }

            return layout.Done();
        },
        IsDeclared = IsProtocol,
    };

    /// <summary>How a rank introduces itself in its first sealed frame.</summary>
    public static FuzzTarget Details() => new CodecTarget<MemberIdentity>
    {
        Title = "member-details",
        Files = ["Bootstrap/MemberIdentity.cs", "Bootstrap/ProcessOrigin.cs"],
        Make = Member,
        Encode = static member => member.WriteDetails(),
        Parse = static bytes => MemberIdentity.ReadDetails(HandshakeInput.Identity, bytes),
        AreEqual = static (one, other) => one.Origin == other.Origin && Equals(one.Listens, other.Listens),
        Describe = static bytes => new Layout(bytes).Opaque(16).Number(8).Number(8).Number(2).Size(1).Done(),
        IsDeclared = IsProtocol,
    };

    /// <summary>What a rank says of itself when it is asked, and with a fault.</summary>
    public static FuzzTarget Statuses() => new CodecTarget<RankStatus>
    {
        Title = "rank-status",
        Files = ["Bootstrap/RankStatusCodec.cs"],
        Make = static random => new RankStatus
        {
            IsInCall = random.Next(2) == 0,
            For = TimeSpan.FromMilliseconds(random.Next()),
            LastCompleted = Make.ULong(random),
            Queued = Make.Int(random),
            Call = random.Next(2) == 0 ? Call(random) : null,
            Asked = random.Next(3) == 0 ? Call(random) : null,
            Elsewhere = random.Next(3) == 0 ? Call(random) : null,
            Blockage = random.Next(2) == 0 ? BlockageOf(random) : null,
        },
        Encode = RankStatusCodec.Write,
        Parse = static bytes => RankStatusCodec.Read(bytes),
        AreEqual = static (one, other) => RankStatusCodec.Write(one).AsSpan().SequenceEqual(RankStatusCodec.Write(other)),
        Describe = static bytes => new Layout(bytes).Choice().Number(8).Number(8).Number(4).Done(),
        IsDeclared = IsProtocol,
    };

    /// <summary>A frame on its way over other ranks.</summary>
    public static FuzzTarget Envelopes() => new CodecTarget<Envelope>
    {
        Title = "envelope",
        Files = ["Mesh/Envelope.cs"],
        Make = static random => new Envelope(Make.Enum<EnvelopeWay>(random), Make.Int(random), Make.Int(random), Make.ULong(random), new Frame((FrameKind)random.Next(256), Make.Int(random), Make.ULong(random), Make.Bytes(random, random.Next(40)), Make.ULong(random))),
        Encode = static envelope => envelope.Write(),
        Parse = static bytes => Envelope.Read(bytes),
        AreEqual = static (one, other) => one.Write().AsSpan().SequenceEqual(other.Write()),
        Describe = static bytes => new Layout(bytes).Choice().Number(4).Number(4).Number(8).Choice().Number(4).Number(8).Number(8).Done(),
        IsDeclared = IsProtocol,
        IsRefusal = static _ => false,
    };

    public static FuzzTarget FaultOf() => new CodecTarget<Fault>
    {
        Title = "fault",
        Files = ["Bootstrap/FaultCodec.cs"],
        Make = static random => new Fault
        {
            Error = Make.Enum<Error>(random),
            Reporter = Math.Max(-1, Make.Int(random)),
            Peer = Math.Max(-1, Make.Int(random)),
            NativeError = Make.Int(random),
            When = new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero),
            IsProven = random.Next(2) == 0,
            Call = random.Next(2) == 0 ? null : Call(random),
            PeerCall = random.Next(3) == 0 ? Call(random) : null,
            Message = Make.Text(random, 300),
        },
        Encode = FaultCodec.Write,
        Parse = static bytes => FaultCodec.Read(bytes),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice(4).Number(4).Number(4).Number(4).Number(8);
            int calls = int.PopCount(layout.Peek() & 3);
            layout.Choice();
            for (int i = 0; i < calls; i++)
            {
                layout.Choice().Choice().Choice().Choice().Number(4).Number(8).Number(4).Number(4).Number(8).Number(4).Number(4).Choice().Opaque(23);
            }

            return layout.Done(FieldKind.Text);
        },
        IsDeclared = IsProtocol,
        WhatIsWrong = static fault => Enum.IsDefined(fault.Error) ? null : $"error {(int)fault.Error} does not exist",
    };

    public static FuzzTarget Split() => new CodecTarget<SplitRequest>
    {
        Title = "split-request",
        Files = ["Bootstrap/SplitRequest.cs"],
        Make = static random => new SplitRequest(Make.Int(random), Make.Int(random), Make.ULong(random)),
        Encode = static request => request.ToBytes(),
        Parse = static bytes => SplitRequest.Read(1, bytes),
        Describe = static bytes => new Layout(bytes).Number(4).Number(4).Number(8).Done(),
        IsDeclared = IsProtocol,
        IsRefusal = static _ => false,
    };

    /// <summary>A call in a fault, and in the answer to a question.</summary>
    public static FuzzTarget Calls() => new CodecTarget<CallDescription?>
    {
        Title = "call-description",
        Files = ["Diagnostics/CallDescription.cs"],
        Make = static random => Call(random),
        Encode = static call => BytesOf(call!.Value),
        Parse = static bytes =>
        {
            if (bytes.Length != CallDescription.ByteSize)
            {
                return null; // whoever calls looks at the length
            }

            CallDescription? call = CallDescription.Read(bytes);
            _ = call?.ToString(); // it is put into words sooner or later
            return call;
        },
        Describe = static bytes => new Layout(bytes).Choice().Choice().Choice().Choice().Number(4).Number(8).Number(4).Number(4).Number(8).Number(4).Number(4).Choice().Opaque(23).Size(1).Text(Math.Max(0, bytes.Length - 65)).Done(),
        IsDeclared = IsProtocol,
    };

    public static FuzzTarget Address() => new CodecTarget<RendezvousAddress?>
    {
        Title = "rendezvous-address",
        Files = ["Bootstrap/RendezvousAddress.cs"],
        Make = static random => new RendezvousAddress(random.Next(3) == 0 ? Make.Address(random).ToString() : $"node-{random.Next(1000)}.example", random.Next(1, 65536)),
        Encode = static address => System.Text.Encoding.UTF8.GetBytes(address!.Value.ToString()),
        Parse = static bytes => RendezvousAddress.TryParse(System.Text.Encoding.UTF8.GetString(bytes)) is { } address && System.Text.Encoding.UTF8.GetBytes(address.ToString()).AsSpan().SequenceEqual(bytes) ? address : null, // people write 007
        Describe = static bytes => new Layout(bytes).Done(FieldKind.Text),
        IsDeclared = static _ => false,
    };

    internal static bool IsProtocol(Exception e) => e is CollectiveException { Error: Error.Protocol };

    internal static JoinIdentity Identity(Random random) => new(
        Make.Int(random), Make.Int(random), Make.Int(random), Make.Int(random),
        Make.Text(random, RdmaCollectives.Bootstrap.Handshake.JoinIdentity.MaxHostNameBytes), Make.Text(random, RdmaCollectives.Bootstrap.Handshake.JoinIdentity.MaxJobIdBytes));

    internal static Sample Describe(byte[] identity)
    {
        var layout = new Layout(identity);
        layout.Number(4).Number(4).Number(4).Number(4);
        int host = layout.Peek();
        return layout.Size(1).Size(1).Text(host).Done(FieldKind.Text);
    }

    internal static MemberIdentity Member(Random random) => new(
        Identity(random) with { JobId = "" },
        new ProcessOrigin(new Guid(Make.Bytes(random, 16)), Make.ULong(random), Make.ULong(random)),
        random.Next(3) == 0 ? null : new IPEndPoint(Make.Address(random), random.Next(1, 65536)));

    private static Blockage BlockageOf(Random random) => new(
        Make.ULong(random),
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => new AwaitedMessage(random.Next(65536), Make.Enum<AwaitKind>(random), Make.Int(random), random.Next(65536), Make.UInt(random), Make.Int(random)))],
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => new MessageCount(Make.Int(random), random.Next(65536), Make.UInt(random), Make.UInt(random)))]);

    internal static CallDescription Call(Random random) => new()
    {
        Kind = Make.Enum<CallKind>(random),
        DataType = (byte)random.Next(256),
        ReduceOp = (byte)random.Next(256),
        ElementSize = (byte)random.Next(256),
        HasCounts = random.Next(2) == 0,
        IsBitExact = random.Next(2) == 0,
        Root = Make.Int(random),
        CountsHash = Make.UInt(random),
        ElementCount = Make.ULong(random),
        Sequence = Make.ULong(random),
        Epoch = Make.Int(random),
        PlanFingerprint = Make.UInt(random),
        UserTypeHash = Make.UInt(random),
        Name = random.Next(2) == 0 ? null : NameOf(random),
    };

    private static string? NameOf(Random random)
    {
        string name = string.Concat(Make.Text(random, CallDescription.MaxNameBytes).Where(static c => !char.IsControl(c)));
        return name.Length == 0 ? null : name;
    }

    internal static byte[] BytesOf(in CallDescription call)
    {
        byte[] bytes = new byte[CallDescription.ByteSize];
        call.Write(bytes);
        return bytes;
    }
}
