using System.Text.Json;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Tests.Execution;

namespace RdmaCollectives.Tests.Diagnostics;

/// <summary>Dumps of whole communicators, ranks as threads.</summary>
public sealed class DumpTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"rdmacc-dumps-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public void Dump_CallsOfEveryKind_AreThereWithTheirTimes()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3);
        group.Run(communicator =>
        {
            int up = (communicator.Rank + 1) % 3, down = (communicator.Rank + 2) % 3;
            communicator.AllReduce(new float[1000].AsSpan(), ReduceOp.Sum);
            communicator.Broadcast(new int[5].AsSpan(), root: 1);
            communicator.Barrier();
            communicator.SendReceive<byte>(new byte[7], up, new byte[7], down);
            communicator.BroadcastAsync(new long[2].AsMemory(), root: 2).AsTask().Wait();
            using OperationGroup calls = communicator.CreateGroup();
            calls.AllReduce<double>(new double[10_000], ReduceOp.Max);
            calls.Send<int>(new int[3], up);
            calls.Receive<int>(new int[3], down);
            calls.Run();
        });
        foreach (JsonElement dump in Enumerable.Range(0, 3).Select(rank => DumpOf(group[rank])))
        {
            JsonElement[] calls = Calls(dump);
            Assert.Equal(["AllReduce", "Broadcast", "Barrier", "SendReceive", "Broadcast", "AllReduce", "Transfers"], calls.Select(call => call.GetProperty("kind").GetString()!), StringComparer.Ordinal);
            Assert.Equal([1ul, 2, 3, 3, 4, 5, 5], calls.Select(call => call.GetProperty("sequence").GetUInt64()));
            Assert.Equal([4000ul, 20ul, null, 7ul, 16ul, 80_000ul, null], calls.Select(call => call.GetProperty("bytes") is { ValueKind: JsonValueKind.Number } bytes ? bytes.GetUInt64() : (ulong?)null));
            Assert.All(calls, call => Assert.Equal("completed", call.GetProperty("outcome").GetString()));
            Assert.All(calls, call => Assert.Equal(call.GetProperty("kind").GetString() is "SendReceive" or "Transfers", call.GetProperty("algorithm").ValueKind == JsonValueKind.Null));
            long[] times = [.. calls.SelectMany(call => (long[])[call.GetProperty("enteredNs").GetInt64(), call.GetProperty("firstByteNs").GetInt64(), call.GetProperty("endedNs").GetInt64()])];
            Assert.Equal(times.Order(), times);
            Assert.True(dump.GetProperty("clock").GetProperty("nowNs").GetInt64() >= times[^1]);
            Assert.Equal((7ul, 1024), (dump.GetProperty("recorded").GetUInt64(), dump.GetProperty("capacity").GetInt32()));
        }

        // What ranks compare is the same everywhere, and so is the name of the communicator.
        JsonElement[] dumps = [.. Enumerable.Range(0, 3).Select(rank => DumpOf(group[rank]))];
        Assert.Single(dumps.Select(dump => string.Join(' ', Calls(dump).Where(call => call.GetProperty("kind").GetString() is not ("SendReceive" or "Transfers")).Select(call => call.GetProperty("hash").GetString()))).Distinct(StringComparer.Ordinal));
        Assert.Single(dumps.Select(dump => dump.GetProperty("communicator").GetString()).Distinct(StringComparer.Ordinal));
        Assert.All(dumps[1..], dump => Assert.Equal(0, dump.GetProperty("clock").GetProperty("offsets")[0].GetProperty("rank").GetInt32()));
    }

    [Fact]
    public void Dump_WhileACallWaits_NamesTheRankThatIsWaitedFor()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        group.Run(communicator => communicator.AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        Task<Exception?> waiting = Deadline.Start(() => group[0].AllReduce(new int[10].AsSpan(), ReduceOp.Sum));
        JsonElement call = default;
        Deadline.Until(() => (call = Calls(DumpOf(group[0]))[^1]).GetProperty("awaitedRank").ValueKind == JsonValueKind.Number && call.GetProperty("waitedNs").GetInt64() > 1_000_000);
        Assert.Equal(("running", 1), (call.GetProperty("outcome").GetString(), call.GetProperty("awaitedRank").GetInt32()));
        Assert.Equal(JsonValueKind.Null, call.GetProperty("endedNs").ValueKind);
        group[1].AllReduce(new int[10].AsSpan(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(waiting));
        call = Calls(DumpOf(group[0]))[^1];
        Assert.Equal("completed", call.GetProperty("outcome").GetString());
        Assert.InRange(call.GetProperty("waitedNs").GetInt64(), 1_000_000, call.GetProperty("endedNs").GetInt64() - call.GetProperty("enteredNs").GetInt64());
    }

    [Fact]
    public void Dump_OfAFault_LiesInTheDirectoryForItsOwnerAlone()
    {
        using (LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { DumpDirectory = _directory, JobId = "a job/../x", Timeout = TimeSpan.FromSeconds(30) }))
        {
            Task<Exception?> first = Deadline.Start(() => group[0].AllReduce(new int[10].AsSpan(), ReduceOp.Sum));
            Task<Exception?> second = Deadline.Start(() => group[1].AllReduce(new int[11].AsSpan(), ReduceOp.Sum));
            Assert.IsType<CollectiveMismatchException>(Deadline.Wait(first));
            Assert.IsType<CollectiveMismatchException>(Deadline.Wait(second));
        }

        Assert.True(DumpThread.Shared.WaitUntilWritten(TimeSpan.FromSeconds(30)));
        string[] files = [.. Directory.EnumerateFiles(_directory).Order(StringComparer.Ordinal)];
        Assert.Equal(["rdmacc-a-job-..-x-0-rank0.json", "rdmacc-a-job-..-x-0-rank1.json"], files.Select(file => Path.GetFileName(file)), StringComparer.Ordinal);
        foreach ((string file, int rank) in files.Select((file, rank) => (file, rank)))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            JsonElement dump = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
            Assert.Equal(("fault", rank), (dump.GetProperty("reason").GetString(), dump.GetProperty("rank").GetInt32()));
            Assert.Equal("Mismatch", dump.GetProperty("fault").GetProperty("error").GetString());
            Assert.Contains($"{10 + rank} elements", Calls(dump)[^1].GetProperty("call").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Dump_DirectoryThatCannotBeMade_IsAnErrorThatNamesIt()
    {
        File.WriteAllText(_directory, "");
        try
        {
            Exception error = Assert.ThrowsAny<Exception>(() => Communicator.CreateLocalGroup(1, new CommunicatorOptions { DumpDirectory = _directory + "/x" }));
            Assert.IsType<CollectiveException>(error);
            Assert.Contains($"RDMACC_DUMP_DIRECTORY is '{_directory}/x'", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(_directory);
        }
    }

    [Fact]
    public void Dump_SwitchedOffOrDisposed_IsWhatThereIs()
    {
        LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { FlightRecorderEntries = 0 });
        group.Run(communicator => communicator.Barrier());
        Assert.Empty(Calls(DumpOf(group[1])));
        group.Dispose();
        group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { FlightRecorderEntries = 16 });
        group.Run(communicator =>
        {
            for (int i = 0; i < 20; i++)
            {
                communicator.Barrier();
            }
        });
        group.Dispose();
        JsonElement dump = DumpOf(group[1]);
        Assert.Equal((16, 20ul), (Calls(dump).Length, dump.GetProperty("recorded").GetUInt64()));
    }

    [Fact]
    public void Dump_ToAFile_ReplacesIt()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1);
        Directory.CreateDirectory(_directory);
        string path = Path.Combine(_directory, "mine.json");
        File.WriteAllText(path, new string('x', 100_000));
        group[0].DumpFlightRecorder(path);
        Assert.Equal("request", JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("reason").GetString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Throws<DirectoryNotFoundException>(() => group[0].DumpFlightRecorder(Path.Combine(_directory, "no/such.json")));
        Assert.Equal([path], Directory.EnumerateFiles(_directory), StringComparer.Ordinal);
    }

    [Fact]
    public void Dump_OfASplit_HasAScopeOfItsOwn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(4, new CommunicatorOptions { DumpDirectory = _directory });
        group.Run(communicator =>
        {
            using Communicator part = communicator.Split(communicator.Rank / 2, 0)!;
            part.Abort();
        });
        Assert.True(DumpThread.Shared.WaitUntilWritten(TimeSpan.FromSeconds(30)));
        Assert.Equal(4, Directory.EnumerateFiles(_directory).Count());
        Assert.DoesNotContain(Directory.EnumerateFiles(_directory), file => Path.GetFileName(file).StartsWith("rdmacc-job-0-", StringComparison.Ordinal));
    }

    private static JsonElement DumpOf(Communicator communicator)
    {
        using var stream = new MemoryStream();
        communicator.DumpFlightRecorder(stream);
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    private static JsonElement[] Calls(JsonElement dump) => [.. dump.GetProperty("operations").EnumerateArray()];
}
