using System.Runtime.CompilerServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

public unsafe class RequestTests
{
    [Fact]
    public void PublicStructs_AndTheCStructs_AreTheSameSize()
    {
        Assert.Equal(sizeof(ibv_send_wr), Unsafe.SizeOf<SendRequest>());
        Assert.Equal(sizeof(ibv_recv_wr), Unsafe.SizeOf<ReceiveRequest>());
        Assert.Equal(sizeof(ibv_sge), Unsafe.SizeOf<ScatterGatherElement>());
        Assert.Equal(sizeof(ibv_wc), Unsafe.SizeOf<WorkCompletion>());
    }

    [Fact]
    public void SendRequest_Members_LandInTheirCFields()
    {
        SendRequest request = new() { WorkRequestId = 7, Opcode = SendOpcode.WriteWithImmediate, Flags = SendFlags.Signaled | SendFlags.Inline, Immediate = 0x01020304 };
        request.SetRemote(0x1000, 0x99);
        ibv_send_wr native = Unsafe.As<SendRequest, ibv_send_wr>(ref request);

        Assert.Equal((7UL, ibv_wr_opcode.IBV_WR_RDMA_WRITE_WITH_IMM, 10u, 0x1000UL, 0x99u), (native.wr_id, native.opcode, native.send_flags, native.wr.rdma.remote_addr, native.wr.rdma.rkey));
        Assert.Equal([1, 2, 3, 4], new ReadOnlySpan<byte>(&native.imm_data, 4).ToArray());

        request.SetAtomic(0x2000, 0x77, 5, 6);
        native = Unsafe.As<SendRequest, ibv_send_wr>(ref request);
        Assert.Equal((0x2000UL, 0x77u, 5UL, 6UL), (native.wr.atomic.remote_addr, native.wr.atomic.rkey, native.wr.atomic.compare_add, native.wr.atomic.swap));
    }

    [Fact]
    public void SendChain_FilledTwice_IsLinkedInOrder()
    {
        SendChain chain = new(3);
        for (int round = 0; round < 2; round++)
        {
            chain.Clear();
            chain.AddWrite(1, new ScatterGatherElement(0x10, 64, 5), 0x100, 9);
            chain.AddWrite(2, new ScatterGatherElement(0x20, 0, 5), 0x200, 9);
            chain.AddWriteWithImmediate(3, new ScatterGatherElement(0x30, 8, 5), 0x300, 9, 0xabcd, SendFlags.Signaled);

            SendRequest* first = chain.First, second = first->Next, third = second->Next;
            Assert.True(third->Next == null);
            Assert.Equal((1UL, 2UL, 3UL), (first->WorkRequestId, second->WorkRequestId, third->WorkRequestId));
            Assert.Equal((1, 0, 1), (first->ElementCount, second->ElementCount, third->ElementCount));
            Assert.Equal(0x30UL, third->Elements->Address);
            Assert.Equal(0xabcdu, third->Immediate);
            Assert.Equal((0, 2, 3), (chain.CountBefore(first), chain.CountBefore(third), chain.CountBefore(null)));
        }
        Assert.Contains("made for 3", Assert.Throws<InvalidOperationException>(() => chain.AddWrite(4, default, 0, 0)).Message, StringComparison.Ordinal);
        chain.Clear();
        Assert.True(chain.First == null);
    }

    [Fact]
    public void WorkCompletion_Failed_TellsStatusOnly()
    {
        WorkCompletion failed = new(new ibv_wc { wr_id = 4, status = ibv_wc_status.IBV_WC_WR_FLUSH_ERR, qp_num = 17, vendor_err = 3, opcode = ibv_wc_opcode.IBV_WC_RECV });

        Assert.Equal((CompletionStatus.Flushed, false, 4UL, 17u, 3u), (failed.Status, failed.IsSuccess, failed.WorkRequestId, failed.QueuePairNumber, failed.VendorError));
        Assert.Throws<InvalidOperationException>(() => failed.Opcode);
        Assert.Throws<InvalidOperationException>(() => failed.ByteCount);
        Assert.Throws<InvalidOperationException>(() => failed.Immediate);
        Assert.Throws<InvalidOperationException>(() => failed.HasImmediate);
        Assert.Contains("queue pair 17", failed.ToException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WorkCompletion_WithImmediate_GivesItInHostOrder()
    {
        uint wire;
        new ReadOnlySpan<byte>([1, 2, 3, 4]).CopyTo(new Span<byte>(&wire, 4));
        WorkCompletion received = new(new ibv_wc
        {
            status = ibv_wc_status.IBV_WC_SUCCESS,
            opcode = ibv_wc_opcode.IBV_WC_RECV_RDMA_WITH_IMM,
            imm_data = wire,
            wc_flags = (uint)ibv_wc_flags.IBV_WC_WITH_IMM,
            byte_len = 64,
        });

        Assert.Equal((CompletionOpcode.ReceiveWriteWithImmediate, true, 0x01020304u, 64u), (received.Opcode, received.HasImmediate, received.Immediate, received.ByteCount));
        Assert.Throws<InvalidOperationException>(() => received.ToException());
    }

    [Fact]
    public void QueuePairAddress_WrittenAndRead_IsTheSame()
    {
        QueuePairAddress address = new(0x123456, 0xabcdef, 0x42, Gid.FromAddress(System.Net.IPAddress.Parse("10.88.0.1")));
        byte[] bytes = new byte[QueuePairAddress.ByteCount];
        address.WriteBytes(bytes);

        Assert.Equal(address, QueuePairAddress.ReadBytes(bytes));
        Assert.Equal("queue pair 1193046 at 10.88.0.1", address.ToString());
    }

    [Fact]
    public void AddressVector_OfRoce_FillsTheGlobalRoute()
    {
        ibv_ah_attr native = AddressVector.Roce(1, 3, Gid.FromAddress(System.Net.IPAddress.Parse("10.88.0.1")), hopLimit: 9, trafficClass: 0x68, serviceLevel: 3).ToNative();

        Assert.Equal((1, 1, 3, 9, 0x68, 3, 0), (native.is_global, native.port_num, native.grh.sgid_index, native.grh.hop_limit, native.grh.traffic_class, native.sl, native.dlid));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 88, 0, 1], new ReadOnlySpan<byte>(native.grh.dgid.raw, 16).ToArray());
    }

    [Fact]
    public void AddressVector_OfInfiniBand_HasNoGlobalRoute()
    {
        ibv_ah_attr native = AddressVector.InfiniBand(2, 0x1234, 5).ToNative();

        Assert.Equal((0, 2, 0x1234, 5), (native.is_global, native.port_num, native.dlid, native.sl));
    }
}
