using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>The dumps of one communicator: what the recorder holds, who this rank is, and how its clock stands to that of rank 0. Any thread but the progress and control threads.</summary>
internal sealed class FlightDump
{
    /// <summary>Of a clock's question at a dump, all tries together: a rank 0 that stands still must not keep the dump.</summary>
    private static readonly TimeSpan ClockTime = TimeSpan.FromMilliseconds(100);

    private readonly List<ClockOffset> _offsets = [];

    /// <summary>Null: it is switched off, and a dump has no operations.</summary>
    public FlightRecorder? Recorder { get; init; }

    public required Pace Pace { get; init; }

    public required string Job { get; init; }

    /// <summary>Tells communicators apart that have the same scope in different runs of a job. Not the number itself that transports recognise each other by.</summary>
    public required string Communicator { get; init; }

    public required ulong Scope { get; init; }

    public required int Rank { get; init; }

    public required int WorldSize { get; init; }

    public required FaultState Faults { get; init; }

    /// <summary>Asks rank 0 how late it is there, for so long at most.</summary>
    public required Func<TimeSpan, ClockOffset?> MeasureClock { get; init; }

    /// <summary>How many operations are queued or running.</summary>
    public required Func<int> Queued { get; init; }

    /// <summary>Where dumps go that nobody asked for by name, or null: there are none.</summary>
    public string? Directory { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Compares this rank's clock with that of rank 0, of which every other one is told apart: that brings all ranks to one time. The first measurement and the last are kept.</summary>
    public void Measure(TimeSpan time)
    {
        if (Rank == 0 || WorldSize == 1 || MeasureClock(time) is not { } offset)
        {
            return;
        }

        lock (_offsets)
        {
            if (_offsets.Count == 2)
            {
                _offsets.RemoveAt(1);
            }

            _offsets.Add(offset);
        }
    }

    /// <summary>Writes the dump to a stream.</summary>
    public void Write(Stream to, string reason) => JsonSerializer.Serialize(to, Make(reason), DumpJson.Readable.DumpDocument);

    /// <summary>Writes the dump to a file, which is replaced.</summary>
    public void Write(string path, string reason) => DumpFile.Write(path, file => Write(file, reason));

    /// <summary>Writes the dump to its place in <see cref="Directory"/>. Throws nothing: a dump that can't be written is a line in the log.</summary>
    public void WriteToDirectory(string reason)
    {
        string path = Path.Combine(Directory!, DumpFile.NameOf(Job, Scope, Rank));
        try
        {
            Write(path, reason);
            CommunicatorLog.Dumped(Logger, Rank, path, reason);
        }
        catch (Exception error)
        {
            CommunicatorLog.DumpFailed(Logger, Rank, path, error);
        }
    }

    private DumpDocument Make(string reason)
    {
        // Calls first, while they are as they were when somebody wanted to see them.
        IReadOnlyList<DumpOperation> operations = [.. (Recorder?.Read() ?? []).Select(Of)];
        long now = MonotonicClock.Now(Pace);
        DateTime utc = Pace.UtcNow.UtcDateTime;
        int queued = Queued();
        Fault? fault = Faults.Current;
        Measure(ClockTime);
        return new DumpDocument
        {
            Library = typeof(FlightDump).Assembly.GetName().Version!.ToString(3),
            Reason = reason,
            Job = Job,
            Communicator = Communicator,
            Scope = Scope.ToString("x", CultureInfo.InvariantCulture),
            Rank = Rank,
            WorldSize = WorldSize,
            Host = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            Clock = new DumpClock { NowNs = now, NowUtc = utc, Offsets = Offsets() },
            Fault = fault is null ? null : new DumpFault(fault.Error.ToString(), fault.Reporter, fault.Peer, fault.Message),
            Queued = queued,
            Capacity = Recorder?.Capacity ?? 0,
            Recorded = Recorder?.Count ?? 0,
            Operations = operations,
        };
    }

    private DumpClockOffset[] Offsets()
    {
        lock (_offsets)
        {
            return [.. _offsets.Select(offset => new DumpClockOffset(offset.Rank, offset.Nanoseconds, offset.RoundTrip, offset.MeasuredAt))];
        }
    }

    private static DumpOperation Of(FlightEntry entry) => new()
    {
        Number = entry.Number,
        Sequence = entry.Call.Sequence,
        Kind = entry.Call.Kind.ToString(),
        Call = entry.Call.ToString(),
        Hash = entry.Call.Hash().ToString("x8", CultureInfo.InvariantCulture),
        Name = entry.Call.Name,
        Algorithm = entry.Algorithm,
        Bytes = BytesOf(entry.Call),
        EnteredNs = MonotonicClock.Nanoseconds(entry.Entered),
        FirstByteNs = entry.FirstByte == 0 ? null : MonotonicClock.Nanoseconds(entry.FirstByte),
        EndedNs = entry.Ended == 0 ? null : MonotonicClock.Nanoseconds(entry.Ended),
        AwaitedRank = entry.AwaitedRank < 0 ? null : entry.AwaitedRank,
        WaitedNs = MonotonicClock.Nanoseconds(entry.Waited),
        Outcome = entry.Outcome switch
        {
            FlightOutcome.Completed => "completed",
            FlightOutcome.Failed => "failed",
            _ => "running",
        },
    };

    // An element size of 255 is all that a description says of a larger one.
    private static ulong? BytesOf(in CallDescription call) =>
        call.Kind is CallKind.Barrier or CallKind.Transfers || call.HasCounts || call.ElementSize == byte.MaxValue ? null : call.ElementCount * call.ElementSize;
}
