using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;

namespace RdmaCollectives;

/// <summary>Gives a communicator its dumps, and where a directory is set has them written at a fault and at SIGQUIT.</summary>
internal static class DumpFactory
{
    /// <summary>For the first comparison of clocks: a part of a millisecond on an idle network, but nothing waits for a rank that does not answer.</summary>
    private static readonly TimeSpan ClockTime = TimeSpan.FromMilliseconds(250);

    /// <exception cref="CollectiveException">The directory can't be made.</exception>
    public static FlightDump Make(ResolvedOptions options, IControlPlane control, Engine engine, FlightRecorder? recorder, ulong communicatorId)
    {
        var dump = new FlightDump
        {
            Recorder = recorder,
            Pace = control.Pace,
            Job = options.JobId,
            Communicator = NameOf(communicatorId),
            Scope = control.Scope,
            Rank = control.Rank,
            WorldSize = control.WorldSize,
            Faults = control.Faults,
            MeasureClock = time => control.MeasureClock(0, time),
            Queued = () => engine.QueuedCount,
            Directory = options.DumpDirectory,
            Logger = options.LoggerFactory.CreateLogger(CommunicatorLog.Category),
        };
        if (recorder is not null || options.DumpDirectory is not null)
        {
            dump.Measure(ClockTime);
        }

        if (options.DumpDirectory is { } directory)
        {
            MakeDirectory(control.Rank, directory);
            DumpThread.Shared.Add(dump);
            control.Faults.WhenSet = () => DumpThread.Shared.Ask(dump, "fault");
            if (control.Faults.IsSet)
            {
                control.Faults.WhenSet(); // it came between; twice is no harm
            }
        }

        return dump;
    }

    private static void MakeDirectory(int rank, string directory)
    {
        try
        {
            DumpFile.MakeDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CollectiveException(Error.Resource, $"RDMACC_DUMP_DIRECTORY is '{directory}', and this directory can't be made: {error.Message} Name one that can be written.", rank);
        }
    }

    // Shared memory recognises its peers by the number itself: a dump shows what is made of it one way.
    private static string NameOf(ulong communicatorId)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, communicatorId);
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
    }
}
