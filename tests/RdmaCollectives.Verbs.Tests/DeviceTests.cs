using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: opening, asking, registering, states, and what the driver refuses.</summary>
public unsafe class DeviceTests
{
    [Fact]
    public void Open_EveryDevice_TellsWhatItIs()
    {
        TestDevice.Open().Dispose();
        foreach (RdmaDevice device in RdmaDevice.GetDevices())
        {
            using DeviceContext context = RdmaDevice.Open(device.Name);
            DeviceAttributes attributes = context.QueryDevice();
            PortAttributes port = context.QueryPort();
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{device.Name} {device.CharacterDevice} {device.NodeType} {device.Transport} guid {attributes.NodeGuid:x16}, fw '{attributes.FirmwareVersion}', " +
                $"{attributes.MaxQueuePairs} QPs, {attributes.MaxCompletionsPerQueue} CQEs, {port}");

            Assert.Equal(device.NodeGuid, attributes.NodeGuid);
            Assert.InRange(attributes.PortCount, 1, 255);
            Assert.InRange(attributes.MaxQueuePairs, 1, int.MaxValue);
            Assert.InRange(attributes.MaxElementsPerRequest, 1, 1024);
            Assert.InRange(port.ActiveMtu.ByteCount(), 256, 4096);
            Assert.InRange(port.GidCount, 1, 65536);
            Assert.True(port.RateGbps > 0);
            Assert.Equal(0xffff, context.QueryPartitionKey(1, 0) | 0x8000);
        }
    }

    [Fact]
    public void GidTable_FromSysfs_IsTheOneThatTheDriverTells()
    {
        using DeviceContext context = TestDevice.Open();
        IReadOnlyList<GidEntry> table = context.GetGidTable();
        RdmaDevice device = RdmaDevice.GetDevices().Single(d => d.Name == context.Name);

        Assert.NotEmpty(table);
        Assert.Equal(table, device.GetGidTable());
        Assert.All(table, entry => Assert.Equal(context.QueryGid(1, entry.Index), entry.Gid));
        Assert.All(table, entry => Assert.NotEqual(GidType.Unknown, entry.Type));
        Assert.All(table, entry => Assert.NotNull(entry.NetworkInterface));
        GidChoice choice = context.ChooseGid();
        TestContext.Current.TestOutputHelper!.WriteLine(choice.Reason);
        Assert.True(choice.Entry!.Value.Gid.IsIPv4, choice.Reason);
    }

    [Fact]
    public void QueryPort_ThatIsNotThere_NamesTheRange()
    {
        using DeviceContext context = TestDevice.Open();

        Assert.Contains("numbered from 1 to", Assert.Throws<VerbsException>(() => context.QueryPort(200)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => context.QueryPort(0));
    }

    [Fact]
    public void QueryGid_IndexOutsideOfTheTable_NamesItsLength()
    {
        using DeviceContext context = TestDevice.Open();

        Assert.Contains("entries", Assert.Throws<VerbsException>(() => context.QueryGid(1, 60000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Register_NativeMemory_GivesKeysAndSlices()
    {
        using TestEndpoint end = new();

        Assert.NotEqual(0u, end.Region.RemoteKey);
        ScatterGatherElement slice = end.Region.Slice(4096, 100);
        Assert.Equal((end.Region.Address + 4096, 100u, end.Region.LocalKey), (slice.Address, slice.ByteCount, slice.LocalKey));
        Assert.Throws<ArgumentOutOfRangeException>(() => end.Region.Slice(TestEndpoint.MemoryByteCount - 8, 9));
        fixed (byte* memory = end.Memory)
        {
            using MemoryRegion relaxed = end.Domain.Register(memory, 4096, MemoryAccess.LocalWrite | MemoryAccess.RelaxedOrdering);
            Assert.Equal(4096u, relaxed.ByteCount);
        }
    }

    [Fact]
    public void Register_WhatCannotBe_IsNamed()
    {
        using DeviceContext context = TestDevice.Open();
        using ProtectionDomain domain = context.CreateProtectionDomain();
        byte* unmapped = (byte*)0x1000;

        VerbsException e = Assert.Throws<VerbsException>(() => domain.Register(unmapped, 4096, MemoryAccess.LocalWrite));
        Assert.Contains("4096 bytes at 0x1000", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => domain.Register(unmapped, 0, MemoryAccess.LocalWrite));
        Assert.Throws<ArgumentNullException>(() => domain.Register(null, 1, MemoryAccess.LocalWrite));
        Assert.Contains("LocalWrite", Assert.Throws<ArgumentException>(() => domain.Register(unmapped, 1, MemoryAccess.RemoteWrite)).Message, StringComparison.Ordinal);
        Assert.Throws<VerbsException>(() => domain.RegisterDmaBuf(-1, 0, 4096, 0, MemoryAccess.LocalWrite));
    }

    [Fact]
    public void Register_AboveTheLockedMemoryLimit_TellsLimitNeedAndCommand()
    {
        TestDevice.Open().Dispose();
        const string Marker = "RDMACC_TEST_LOW_LIMIT";
        if (Environment.GetEnvironmentVariable(Marker) == "1")
        {
            using DeviceContext context = TestDevice.Open();
            using ProtectionDomain domain = context.CreateProtectionDomain();
            void* memory = NativeMemory.AlignedAlloc(4 << 20, 4096);
            VerbsException e = Assert.Throws<VerbsException>(() => domain.Register(memory, 4 << 20, MemoryAccess.LocalWrite));
            NativeMemory.AlignedFree(memory);
            Assert.Contains("RLIMIT_MEMLOCK) is 64 KiB, this registration needs 4096 KiB", e.Message, StringComparison.Ordinal);
            Assert.Contains("ulimit -l", e.Message, StringComparison.Ordinal);
            return;
        }
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/setpriv"))
            Assert.Skip("needs root and setpriv (package util-linux) to give up CAP_IPC_LOCK");

        // The limit does not bind root: run this one test again as nobody, with 64 KiB.
        string self = $"'{Environment.ProcessPath}' {(Path.GetFileName(Environment.ProcessPath) == "dotnet" ? typeof(DeviceTests).Assembly.Location : "")}";
        string test = $"{typeof(DeviceTests).FullName}.{nameof(Register_AboveTheLockedMemoryLimit_TellsLimitNeedAndCommand)}";
        var (exitCode, output) = TestProcess.Run("/bin/bash",
            ["-c", $"ulimit -l 64; exec setpriv --reuid 65534 --regid 65534 --clear-groups {self} -method {test}"],
            new(StringComparer.Ordinal) { [Marker] = "1", [TestDevice.RequireVariable] = "1", ["HOME"] = "/tmp" }, TimeSpan.FromSeconds(120));
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void CreateCompletionQueue_TooLarge_NamesTheLimit()
    {
        using DeviceContext context = TestDevice.Open();

        VerbsException e = Assert.Throws<VerbsException>(() => context.CreateCompletionQueue(int.MaxValue));
        Assert.Contains($"{context.QueryDevice().MaxCompletionsPerQueue} entries", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateQueuePair_TooLarge_NamesRequestAndLimits()
    {
        using DeviceContext context = TestDevice.Open();
        using ProtectionDomain domain = context.CreateProtectionDomain();
        using CompletionQueue queue = context.CreateCompletionQueue(16);

        VerbsException e = Assert.Throws<VerbsException>(() => domain.CreateQueuePair(new QueuePairOptions { SendQueue = queue, ReceiveQueue = queue, MaxSendRequests = 1 << 30 }));
        Assert.Contains("Asked for 1073741824 sends", e.Message, StringComparison.Ordinal);
        Assert.Contains("the device has at most", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modify_IllegalTransition_IsNamedAndTheStateKept()
    {
        using TestEndpoint end = new();

        var e = Assert.Throws<InvalidOperationException>(() => end.Pair.Modify(new QueuePairAttributes { State = QueuePairState.ReadyToSend }));
        Assert.StartsWith($"queue pair {end.Pair.Number} of {end.Context.Name}: RESET -> RTS is not a legal transition", e.Message, StringComparison.Ordinal);
        Assert.Equal(QueuePairState.Reset, end.Pair.QueryState());
    }

    [Fact]
    public void Connect_GidIndexThatIsEmpty_NamesTransitionAndWay()
    {
        using TestEndpoint end = new();
        end.Pair.Initialize(MemoryAccess.RemoteWrite);

        VerbsException e = Assert.Throws<VerbsException>(() => end.Pair.Connect(end.Address, new QueuePairConnectOptions { GidIndex = 200, SequenceNumber = 1, PathMtu = PathMtu.Bytes1024 }));
        Assert.StartsWith($"ibv_modify_qp(INIT -> RTR) on queue pair {end.Pair.Number} of {end.Context.Name} failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("GID index 200", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void States_FromResetToErrorAndBack_AreThoseOfTheDriver()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Assert.Equal(QueuePairState.ReadyToSend, a.Pair.QueryState());
            a.Pair.MoveToError();
            Assert.Equal(QueuePairState.Error, a.Pair.QueryState());
            a.Pair.MoveToReset();
            Assert.Equal(QueuePairState.Reset, a.Pair.QueryState());
            a.Pair.Initialize(MemoryAccess.RemoteWrite);
            Assert.Equal(QueuePairState.Initialized, a.Pair.QueryState());
        }
    }

    [Fact]
    public void Dispose_ContextFirst_EverythingElseWorksOn()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            a.Context.Dispose();
            a.Domain.Dispose();
            a.Queue.Dispose();
            a.Pair.Dispose();
            a.Memory[0] = 77;
            SendRequest request = new() { Opcode = SendOpcode.Write, Flags = SendFlags.Signaled };
            ScatterGatherElement element = a.Region.Slice(0, 1);
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey);

            Assert.Equal(0, a.Post.PostSend(in request));
            a.AwaitSuccess();
            Assert.Equal(77, b.Memory[0]);
            Assert.Throws<ObjectDisposedException>(() => a.Context.QueryDevice());
            Assert.Throws<ObjectDisposedException>(() => a.Pair.Lease());
            Assert.Throws<ObjectDisposedException>(() => a.Context.CreateProtectionDomain());
            a.Post.Dispose();
            Assert.Throws<ObjectDisposedException>(() => a.Post.PostEmptyReceives(1, 1, out _));
            a.Completions.Dispose();
            Assert.Throws<ObjectDisposedException>(() => a.Completions.Poll(new WorkCompletion[1]));
        }
    }
}
