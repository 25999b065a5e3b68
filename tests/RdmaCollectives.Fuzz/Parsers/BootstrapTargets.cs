using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;
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

    public static FuzzTarget Members() => new CodecTarget<List<JoinIdentity>>
    {
        Title = "member-list",
        Files = ["Bootstrap/MemberList.cs"],
        Make = static random => [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Identity(random) with { JobId = "" })],
        Encode = static members => members.Count == 0 ? [] : MemberList.Write(members)[0],
        Parse = static bytes =>
        {
            var members = new List<JoinIdentity>();
            MemberList.Read(bytes, members);
            return members;
        },
        AreEqual = static (one, other) => one.SequenceEqual(other),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            while (!layout.IsAtEnd)
            {
                int host = layout.Peek(17);
                layout.Size(1).Number(4).Number(4).Number(4).Number(4).Size(1).Size(1).Text(host);
            }

            return layout.Done();
        },
        IsDeclared = IsProtocol,
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
            Call = random.Next(2) == 0 ? null : Call(random),
            Message = Make.Text(random, 300),
        },
        Encode = FaultCodec.Write,
        Parse = static bytes => FaultCodec.Read(bytes),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice(4).Number(4).Number(4).Number(4);
            int call = layout.Peek();
            layout.Size(1);
            return (call > 0 ? layout.Choice().Choice().Choice().Choice().Number(4).Number(8).Number(4).Number(4).Number(8).Number(4).Number(4).Choice().Opaque(23) : layout).Done(FieldKind.Text);
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
        Describe = static bytes => new Layout(bytes).Choice().Choice().Choice().Choice().Number(4).Number(8).Number(4).Number(4).Number(8).Number(4).Number(4).Choice().Done(),
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
    };

    internal static byte[] BytesOf(in CallDescription call)
    {
        byte[] bytes = new byte[CallDescription.ByteSize];
        call.Write(bytes);
        return bytes;
    }
}
