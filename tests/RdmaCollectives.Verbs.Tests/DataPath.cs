namespace RdmaCollectives.Verbs.Tests;

/// <summary>What the tests of the data path do again and again.</summary>
internal static unsafe class DataPath
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Posts one request of <paramref name="byteCount"/> bytes at <paramref name="offset"/> of both memories.</summary>
    public static void Post(TestEndpoint from, TestEndpoint to, SendOpcode opcode, uint byteCount, nuint offset = 0, uint immediate = 0, ulong id = 1)
    {
        ScatterGatherElement element = from.Region.Slice(offset, byteCount);
        SendRequest request = new() { WorkRequestId = id, Opcode = opcode, Flags = SendFlags.Signaled, Immediate = immediate };
        request.SetElements(&element, 1);
        request.SetRemote(to.Region.Address + offset, to.Region.RemoteKey);
        Assert.Equal(0, from.Post.PostSend(in request));
    }

    public static void PostReceive(TestEndpoint at, uint byteCount, nuint offset = 0, ulong id = 2)
    {
        ScatterGatherElement element = at.Region.Slice(offset, byteCount);
        ReceiveRequest request = new() { WorkRequestId = id };
        request.SetElements(&element, 1);
        Assert.Equal(0, at.Post.PostReceive(in request));
    }

    public static void Fill(TestEndpoint end, int seed)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        new Random(seed).NextBytes(end.Memory);
    }
}
