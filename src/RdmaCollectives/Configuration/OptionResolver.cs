using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Configuration;

/// <summary>Brings explicit values, environment, file and defaults together.</summary>
internal static class OptionResolver
{
    /// <summary>The options of this process.</summary>
    /// <exception cref="ArgumentException">Values that are not valid or don't go together, all of them, each with its name, its value and what is allowed.</exception>
    public static ResolvedOptions Resolve(CommunicatorOptions? options) => Resolve(options ?? new CommunicatorOptions(), OptionInputs.OfThisProcess());

    public static ResolvedOptions Resolve(CommunicatorOptions options, OptionInputs inputs)
    {
        var reader = new OptionReader(options, inputs);
        ResolvedOptions resolved = Read(reader);
        string[] problems = [.. reader.Problems];
        if (problems.Length > 0)
        {
            throw new ArgumentException($"The options of the communicator are not valid. {string.Join(' ', problems)}", nameof(options));
        }

        ILogger logger = resolved.LoggerFactory.CreateLogger(typeof(OptionResolver).FullName!);
        foreach (string warning in Warnings(inputs))
        {
            BootstrapLog.OptionWarning(logger, warning);
        }

        return resolved;
    }

    public static IReadOnlyList<OptionValue> Describe(CommunicatorOptions options, OptionInputs inputs)
    {
        var reader = new OptionReader(options, inputs);
        _ = Read(reader); // finds what does not go together
        return [.. OptionTable.All.Select(o => o.Describe(reader))];
    }

    /// <summary>Variables that look like ours and are not.</summary>
    public static IEnumerable<string> Warnings(OptionInputs inputs) =>
        inputs.Names
            .Where(name => name.StartsWith("RDMACC_", StringComparison.Ordinal)
                && !name.StartsWith("RDMACC_SOFTROCE", StringComparison.Ordinal) // the test machine's own (tests/softroce)
                && !name.StartsWith("RDMACC_TEST_", StringComparison.Ordinal)
                && !OptionTable.All.Any(o => string.Equals(o.Variable, name, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .Select(name => $"The environment variable {name} is not known and has no effect. {NearestName.Advice(name)}");

    private static ResolvedOptions Read(OptionReader reader)
    {
        bool isNewcomer = OptionTable.Newcomer.Find(reader).Value!.Value;
        (int rank, int worldSize) = isNewcomer ? (0, 1) : ReadPlace(reader);
        Setting<string?> rendezvous = OptionTable.Rendezvous.Find(reader);
        if (isNewcomer && rendezvous.Source == OptionSource.Default)
        {
            reader.Object(OptionTable.Rendezvous, "This process is to join as a newcomer, but nothing says which job: set RDMACC_RENDEZVOUS=host:port to the rendezvous of the job.");
        }

        if (worldSize > 1 && rendezvous.Source == OptionSource.Default)
        {
            reader.Object(OptionTable.Rendezvous, string.Create(CultureInfo.InvariantCulture,
                $"The world size is {worldSize}, but nothing says where the ranks meet: set RDMACC_RENDEZVOUS=host:port, or MASTER_ADDR and MASTER_PORT, or start the program with 'rdmacc run -n {worldSize} -- program'."));
        }

        Setting<int?> localRank = OptionTable.LocalRank.Find(reader);
        if (localRank.Value >= worldSize && !isNewcomer)
        {
            reader.Object(OptionTable.LocalRank, localRank.Origin, OptionText.Show(localRank.Value));
        }

        string transports = OptionTable.Transports.Find(reader).Value!;
        return new ResolvedOptions
        {
            Rank = rank,
            WorldSize = worldSize,
            LocalRank = localRank.Value,
            Rendezvous = rendezvous.Value,
            RankZeroHostsRendezvous = OptionTable.HostRendezvous.Find(reader).Value ?? string.Equals(rendezvous.Origin, LaunchEnvironment.RendezvousOrigin, StringComparison.Ordinal),
            Secret = ReadSecret(reader),
            Insecure = OptionTable.Insecure.Find(reader).Value!.Value,
            Tls = ReadTls(reader),
            JobId = OptionTable.JobId.Find(reader).Value!,
            HostId = OptionTable.HostId.Find(reader).Value,
            AllowedTransports = OptionText.Transports(transports)!,
            Encryption = OptionTable.Encryption.Find(reader).Value!.Value,
            Interface = OptionTable.Interface.Find(reader).Value,
            Device = OptionTable.Device.Find(reader).Value,
            MemoryWindows = OptionTable.MemoryWindows.Find(reader).Value!.Value,
            Push = OptionTable.Push.Find(reader).Value!.Value,
            AdaptiveRouting = OptionTable.AdaptiveRouting.Find(reader).Value!.Value,
            RegisteredMemory = OptionTable.RegisteredMemory.Find(reader).Value,
            GidIndex = OptionTable.GidIndex.Find(reader).Value,
            PartitionKey = OptionTable.PartitionKey.Find(reader).Value,
            ServiceLevel = OptionTable.ServiceLevel.Find(reader).Value!.Value,
            TrafficClass = OptionTable.TrafficClass.Find(reader).Value!.Value,
            FlowLabel = OptionText.FlowLabel(OptionTable.FlowLabel.Find(reader).Value!)!.Value,
            Timeout = OptionTable.Timeout.Find(reader).Value!.Value,
            IsNewcomer = isNewcomer,
            HostTimeout = OptionTable.HostTimeout.Find(reader).Value!.Value,
            JoinTimeout = OptionTable.JoinTimeout.Find(reader).Value!.Value,
            ChunkBytes = OptionTable.ChunkBytes.Find(reader).Value!.Value,
            Slots = OptionTable.Slots.Find(reader).Value!.Value,
            Channels = OptionTable.Channels.Find(reader).Value!.Value,
            Wait = OptionTable.Wait.Find(reader).Value!.Value,
            SpinMicroseconds = OptionTable.Spin.Find(reader).Value,
            BitExact = OptionTable.BitExact.Find(reader).Value!.Value,
            FlightRecorderEntries = OptionTable.FlightRecorder.Find(reader).Value!.Value,
            DumpDirectory = OptionTable.DumpDirectory.Find(reader).Value,
            Schedules = ScheduleFiles.Read(reader),
            LoggerFactory = reader.Options.LoggerFactory ?? NullLoggerFactory.Instance,
        };
    }

    /// <summary>Rank and world size, which are set together or not at all.</summary>
    private static (int Rank, int WorldSize) ReadPlace(OptionReader reader)
    {
        Setting<int?> rank = OptionTable.Rank.Find(reader);
        Setting<int?> size = OptionTable.WorldSize.Find(reader);
        bool rankIsSet = rank.Source != OptionSource.Default;
        bool sizeIsSet = size.Source != OptionSource.Default;
        if (rankIsSet && !sizeIsSet)
        {
            reader.Object(OptionTable.WorldSize, $"{rank.Origin} is set, but not the world size: set RDMACC_WORLD_SIZE (or WORLD_SIZE) too, or neither for a world of one.");
        }
        else if (sizeIsSet && !rankIsSet && size.Value > 1)
        {
            reader.Object(OptionTable.Rank, string.Create(CultureInfo.InvariantCulture, $"{size.Origin} is {size.Value}, but the rank is not set: set RDMACC_RANK (or RANK) to 0 to {size.Value - 1}, or neither for a world of one."));
        }
        else if (rank.Value >= size.Value)
        {
            reader.Object(OptionTable.Rank, string.Create(CultureInfo.InvariantCulture, $"{rank.Origin} is {rank.Value} and {size.Origin} is {size.Value}; allowed for the rank: 0 to {size.Value - 1}."));
        }

        return (rank.Value ?? 0, size.Value ?? 1);
    }

    /// <summary>Three files, or none of them.</summary>
    private static TlsFiles? ReadTls(OptionReader reader)
    {
        OptionDefinition<string>[] definitions = [OptionTable.TlsCertificate, OptionTable.TlsKey, OptionTable.TlsAuthority];
        string?[] paths = [.. definitions.Select(definition => definition.Find(reader).Value)];
        string? name = OptionTable.TlsName.Find(reader).Value;
        if (Array.TrueForAll(paths, path => path is null))
        {
            return null;
        }

        for (int i = 0; i < paths.Length; i++)
        {
            if (paths[i] is null)
            {
                reader.Object(definitions[i], $"{definitions[i].Variable} is not set: TLS for the join needs {string.Join(", ", definitions.Select(definition => definition.Variable))}, or none of them.");
            }
        }

        return Array.TrueForAll(paths, path => path is not null) ? new TlsFiles(paths[0]!, paths[1]!, paths[2]!, name) : null;
    }

    /// <summary>The file goes before the variable, but not before a secret that the program itself gives.</summary>
    private static byte[]? ReadSecret(OptionReader reader)
    {
        Setting<string?> file = OptionTable.SecretFile.Find(reader);
        Setting<string?> secret = OptionTable.Secret.Find(reader);
        if (file.Value is null || secret.Source > file.Source)
        {
            return secret.Value is null ? null : Encoding.UTF8.GetBytes(secret.Value.Trim());
        }

        try
        {
            string text = reader.Inputs.ReadFile(file.Value).Trim();
            if (text.Length >= 16)
            {
                return Encoding.UTF8.GetBytes(text);
            }

            reader.Object(OptionTable.SecretFile, $"{file.Origin} names '{file.Value}', which holds {text.Length} characters; allowed: at least 16.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reader.Object(OptionTable.SecretFile, $"{file.Origin} names '{file.Value}', which can't be read: {e.Message}");
        }

        return null;
    }
}
