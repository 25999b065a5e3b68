using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Tests.DataPath;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: every operation between two connected queue pairs.</summary>
public unsafe class DataPathDeviceTests
{
    [Fact]
    public void Write_WholeMemory_ArrivesUnchanged()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(a, 20261122);
            Post(a, b, SendOpcode.Write, TestEndpoint.MemoryByteCount, id: 42);

            WorkCompletion done = a.AwaitSuccess();
            Assert.Equal((42UL, CompletionOpcode.Write, a.Pair.Number), (done.WorkRequestId, done.Opcode, done.QueuePairNumber));
            Assert.True(a.Memory.SequenceEqual(b.Memory));
        }
    }

    [Fact]
    public void WriteWithImmediate_IntoAnEmptyReceive_BringsDataAndNumber()
    {
        var (a, b) = TestEndpoint.Connected(receives: 40);
        using (a)
        using (b)
        {
            Fill(a, 7);
            Post(a, b, SendOpcode.WriteWithImmediate, 1000, immediate: 0xfeedface);

            WorkCompletion arrived = b.AwaitSuccess();
            Assert.Equal((1000UL, CompletionOpcode.ReceiveWriteWithImmediate, true, 0xfeedfaceu, 1000u),
                (arrived.WorkRequestId, arrived.Opcode, arrived.HasImmediate, arrived.Immediate, arrived.ByteCount));
            Assert.True(a.Memory[..1000].SequenceEqual(b.Memory[..1000]));
            Assert.Equal(CompletionOpcode.Write, a.AwaitSuccess().Opcode);
        }
    }

    [Fact]
    public void Send_IntoAReceive_ArrivesWithAndWithoutImmediate()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(a, 8);
            PostReceive(b, 4096, 0, id: 1);
            PostReceive(b, 4096, 4096, id: 2);
            Post(a, b, SendOpcode.Send, 100);
            Post(a, b, SendOpcode.SendWithImmediate, 200, immediate: 5);

            List<WorkCompletion> arrived = b.Await(2);
            Assert.Equal((1UL, CompletionOpcode.Receive, false, 100u), (arrived[0].WorkRequestId, arrived[0].Opcode, arrived[0].HasImmediate, arrived[0].ByteCount));
            Assert.Equal((2UL, true, 5u, 200u), (arrived[1].WorkRequestId, arrived[1].HasImmediate, arrived[1].Immediate, arrived[1].ByteCount));
            Assert.True(a.Memory[..100].SequenceEqual(b.Memory[..100]));
            Assert.True(a.Memory[..200].SequenceEqual(b.Memory.Slice(4096, 200)));
            a.Await(2);
        }
    }

    [Fact]
    public void Read_PeersMemory_BringsIt()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(b, 9);
            Post(a, b, SendOpcode.Read, 10_000);

            WorkCompletion done = a.AwaitSuccess();
            Assert.Equal((CompletionOpcode.Read, 10_000u), (done.Opcode, done.ByteCount));
            Assert.True(a.Memory[..10_000].SequenceEqual(b.Memory[..10_000]));
        }
    }

    [Fact]
    public void Atomics_OnPeersMemory_ChangeItAndBringTheOldValue()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(b.Memory, 40);
            ScatterGatherElement result = a.Region.Slice(0, 8);
            SendRequest add = new() { Opcode = SendOpcode.FetchAndAdd, Flags = SendFlags.Signaled };
            add.SetElements(&result, 1);
            add.SetAtomic(b.Region.Address, b.Region.RemoteKey, 2);
            Assert.Equal(0, a.Post.PostSend(in add));
            Assert.Equal(CompletionOpcode.FetchAndAdd, a.AwaitSuccess().Opcode);
            Assert.Equal((40UL, 42UL), (BinaryPrimitives.ReadUInt64LittleEndian(a.Memory), BinaryPrimitives.ReadUInt64LittleEndian(b.Memory)));

            foreach ((ulong compare, ulong expected) in new[] { (41UL, 42UL), (42UL, 99UL) })
            {
                SendRequest swap = new() { Opcode = SendOpcode.CompareAndSwap, Flags = SendFlags.Signaled };
                swap.SetElements(&result, 1);
                swap.SetAtomic(b.Region.Address, b.Region.RemoteKey, compare, 99);
                Assert.Equal(0, a.Post.PostSend(in swap));
                Assert.Equal(CompletionOpcode.CompareAndSwap, a.AwaitSuccess().Opcode);
                Assert.Equal((42UL, expected), (BinaryPrimitives.ReadUInt64LittleEndian(a.Memory), BinaryPrimitives.ReadUInt64LittleEndian(b.Memory)));
            }
        }
    }

    [Fact]
    public void Inline_BufferOnTheStackChangedAfterPosting_ArrivesAsItWas()
    {
        var (a, b) = TestEndpoint.Connected(receives: 1, inlineByteCount: 64);
        using (a)
        using (b)
        {
            Assert.InRange(a.Pair.MaxInlineByteCount, 64, int.MaxValue);
            byte* line = stackalloc byte[64];
            new Span<byte>(line, 64).Fill(5);
            ScatterGatherElement element = new(line, 64, localKey: 0);
            SendRequest request = new() { Opcode = SendOpcode.WriteWithImmediate, Flags = SendFlags.Inline | SendFlags.Signaled, Immediate = 1 };
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey);
            Assert.Equal(0, a.Post.PostSend(in request));
            new Span<byte>(line, 64).Fill(6);

            b.AwaitSuccess();
            Assert.Equal(Enumerable.Repeat((byte)5, 64), b.Memory[..64].ToArray());
            a.AwaitSuccess();
        }
    }

    [Fact]
    public void Chain_OfWritesEndingInOneSignaledImmediate_GivesOneCompletionForAll()
    {
        var (a, b) = TestEndpoint.Connected(receives: 2);
        using (a)
        using (b)
        {
            Fill(a, 10);
            SendChain chain = new(16);
            for (uint i = 0; i < 15; i++)
                chain.AddWrite(i, a.Region.Slice(i * 4096, 4096), b.Region.Address + (i * 4096), b.Region.RemoteKey);
            chain.AddWriteWithImmediate(15, a.Region.Slice(15 * 4096, 4096), b.Region.Address + (15 * 4096), b.Region.RemoteKey, 123, SendFlags.Signaled);

            Assert.Equal(0, a.Post.PostSend(chain, out int posted));
            Assert.Equal(16, posted);
            Assert.Equal(123u, b.AwaitSuccess().Immediate);
            Assert.True(a.Memory.SequenceEqual(b.Memory));
            Assert.Equal(15UL, a.AwaitSuccess().WorkRequestId);

            chain.Clear();
            chain.AddWriteWithImmediate(16, default, b.Region.Address, b.Region.RemoteKey, 124, SendFlags.Signaled);
            Assert.Equal(0, a.Post.PostSend(chain, out posted));
            Assert.Equal((1, 124u), (posted, b.AwaitSuccess().Immediate));
            a.AwaitSuccess();
            chain.Clear();
            Assert.Equal(0, a.Post.PostSend(chain, out posted));
            Assert.Equal(0, posted);
        }
    }
}
