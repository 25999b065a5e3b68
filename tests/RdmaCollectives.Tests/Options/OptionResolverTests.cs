using RdmaCollectives.Configuration;
using RdmaCollectives.Tests.Bootstrap;

namespace RdmaCollectives.Tests.Options;

public sealed class OptionResolverTests
{
    [Fact]
    public void Resolve_NothingSet_IsAWorldOfOneWithTheDefaults()
    {
        ResolvedOptions options = Resolve([]);
        Assert.Equal(new ResolvedOptions { Rank = 0, WorldSize = 1, AllowedTransports = options.AllowedTransports, Schedules = options.Schedules }, options);
        Assert.Empty(options.Schedules);
        Assert.Equal([true, true, true, true], options.AllowedTransports);
    }

    [Fact]
    public void Resolve_Precedence_IsExplicitThenEnvironmentThenFileThenDefault()
    {
        const string File = "# a comment\n\nRDMACC_CHANNELS = 3\nRDMACC_SLOTS=8\nRDMACC_TIMEOUT = 7.5\n";
        string[] environment = ["RDMACC_CONFIG_FILE=/etc/rdmacc.conf", "RDMACC_CHANNELS=5", "RDMACC_SLOTS=16"];
        ResolvedOptions options = Resolve(environment, new CommunicatorOptions { Channels = 7 }, File);
        Assert.Equal((7, 16, TimeSpan.FromSeconds(7.5), 128 * 1024), (options.Channels, options.Slots, options.Timeout, options.ChunkBytes));

        Dictionary<string, OptionValue> described = OptionResolver.Describe(new CommunicatorOptions { Channels = 7 }, Inputs(environment, File)).ToDictionary(v => v.Name, StringComparer.Ordinal);
        Assert.Equal(("7", OptionSource.Explicit, "Channels"), Short(described["Channels"]));
        Assert.Equal(("16", OptionSource.Environment, "RDMACC_SLOTS"), Short(described["Slots"]));
        Assert.Equal(("7.5", OptionSource.File, "/etc/rdmacc.conf:5"), Short(described["Timeout"]));
        Assert.Equal(("131072", OptionSource.Default, "default"), Short(described["ChunkBytes"]));
    }

    [Fact]
    public void Resolve_EveryVariable_ReachesItsProperty()
    {
        ResolvedOptions options = Resolve(
        [
            "RDMACC_RANK=3",
            "RDMACC_WORLD_SIZE=8",
            "RDMACC_LOCAL_RANK=1",
            "RDMACC_RENDEZVOUS=node-a:2000",
            "RDMACC_HOST_RENDEZVOUS=yes",
            "RDMACC_SECRET=0123456789abcdef",
            "RDMACC_INSECURE=1",
            "RDMACC_JOB_ID=blue",
            "RDMACC_JOIN_TIMEOUT=2",
            "RDMACC_TIMEOUT=3",
            "RDMACC_TRANSPORTS=shm, tcp",
            "RDMACC_HOST_ID=h1",
            "RDMACC_INTERFACE=eth1",
            "RDMACC_DEVICE=mlx5_0:1",
            "RDMACC_GID_INDEX=3",
            "RDMACC_CHUNK_BYTES=1M",
            "RDMACC_SLOTS=8",
            "RDMACC_CHANNELS=4",
            "RDMACC_WAIT=Event",
            "RDMACC_SPIN=50",
        ]);
        Assert.Equal((3, 8, 1, "node-a:2000", true), (options.Rank, options.WorldSize, options.LocalRank, options.Rendezvous, options.RankZeroHostsRendezvous));
        Assert.Equal("0123456789abcdef"u8.ToArray(), options.Secret);
        Assert.Equal((true, "blue", "h1", "eth1", "mlx5_0:1", 3), (options.Insecure, options.JobId, options.HostId, options.Interface, options.Device, options.GidIndex));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)), (options.JoinTimeout, options.Timeout));
        Assert.Equal((1 << 20, 8, 4, WaitMode.Event, 50), (options.ChunkBytes, options.Slots, options.Channels, options.Wait, options.SpinMicroseconds));
        Assert.Equal([false, true, false, true], options.AllowedTransports);
    }

    [Theory]
    [InlineData("RDMACC_RANK", "-1")]
    [InlineData("RDMACC_RANK", "two")]
    [InlineData("RDMACC_RANK", "99999999999")]
    [InlineData("RDMACC_WORLD_SIZE", "0")]
    [InlineData("RDMACC_WORLD_SIZE", "65537")]
    [InlineData("RDMACC_WORLD_SIZE", "4x")]
    [InlineData("RDMACC_LOCAL_RANK", "-2")]
    [InlineData("RDMACC_RENDEZVOUS", "host")]
    [InlineData("RDMACC_RENDEZVOUS", "host:0")]
    [InlineData("RDMACC_RENDEZVOUS", "host:65536")]
    [InlineData("RDMACC_RENDEZVOUS", ":2000")]
    [InlineData("RDMACC_RENDEZVOUS", "::1:2000")]
    [InlineData("RDMACC_RENDEZVOUS", "a b:2000")]
    [InlineData("RDMACC_HOST_RENDEZVOUS", "perhaps")]
    [InlineData("RDMACC_INSECURE", "2")]
    [InlineData("RDMACC_TIMEOUT", "0")]
    [InlineData("RDMACC_TIMEOUT", "-5")]
    [InlineData("RDMACC_TIMEOUT", "604801")]
    [InlineData("RDMACC_TIMEOUT", "soon")]
    [InlineData("RDMACC_TIMEOUT", "NaN")]
    [InlineData("RDMACC_JOIN_TIMEOUT", "1e300")]
    [InlineData("RDMACC_TRANSPORTS", "ib")]
    [InlineData("RDMACC_TRANSPORTS", "shm,,tcp")]
    [InlineData("RDMACC_GID_INDEX", "256")]
    [InlineData("RDMACC_PKEY", "0")]
    [InlineData("RDMACC_PKEY", "0x8000")]
    [InlineData("RDMACC_PKEY", "0x10000")]
    [InlineData("RDMACC_PKEY", "8001h")]
    [InlineData("RDMACC_SERVICE_LEVEL", "16")]
    [InlineData("RDMACC_TRAFFIC_CLASS", "256")]
    [InlineData("RDMACC_FLOW_LABEL", "0x100000")]
    [InlineData("RDMACC_FLOW_LABEL", "-1")]
    [InlineData("RDMACC_FLOW_LABEL", "any")]
    [InlineData("RDMACC_CHUNK_BYTES", "4095")]
    [InlineData("RDMACC_CHUNK_BYTES", "4100")]
    [InlineData("RDMACC_CHUNK_BYTES", "9M")]
    [InlineData("RDMACC_CHUNK_BYTES", "4096M")]
    [InlineData("RDMACC_CHUNK_BYTES", "-4096")]
    [InlineData("RDMACC_SLOTS", "3")]
    [InlineData("RDMACC_SLOTS", "8192")]
    [InlineData("RDMACC_CHANNELS", "0")]
    [InlineData("RDMACC_CHANNELS", "17")]
    [InlineData("RDMACC_WAIT", "sleepy")]
    [InlineData("RDMACC_REGISTERED_MEMORY", "0")]
    [InlineData("RDMACC_REGISTERED_MEMORY", "9000000000G")]
    [InlineData("RDMACC_SPIN", "-1")]
    public void Resolve_BadValue_NamesVariableValueAndWhatIsAllowed(string variable, string value)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve([$"{variable}={value}"]));
        OptionDefinition option = OptionTable.All.Single(o => o.Variable == variable);
        Assert.Contains($"{variable} ({option.Name}) is '{value}'; allowed: {option.Allowed}.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x8001", 0x8001)]
    [InlineData("0XfFfF", 0xffff)]
    [InlineData("32769", 0x8001)]
    public void Resolve_PartitionKey_IsReadInHexAndDecimal(string text, int key) => Assert.Equal(key, Resolve([$"RDMACC_PKEY={text}"]).PartitionKey);

    [Theory]
    [InlineData("auto", ResolvedOptions.AutomaticFlowLabel)]
    [InlineData("0xfffff", 0xfffff)]
    [InlineData("7", 7)]
    public void Resolve_FlowLabel_IsANumberOrAutomatic(string text, int label) => Assert.Equal(label, Resolve([$"RDMACC_FLOW_LABEL={text}"]).FlowLabel);

    [Fact]
    public void Resolve_BadExplicitValue_NamesTheProperty()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve([], new CommunicatorOptions { Slots = 5, Timeout = TimeSpan.Zero }));
        Assert.Contains("Slots is '5'; allowed: a power of two, 2 to 4096.", e.Message, StringComparison.Ordinal);
        Assert.Contains("Timeout is '0'; allowed:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_SeveralBadValues_AreAllInOneException()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve(["RDMACC_SLOTS=5", "RDMACC_CHANNELS=x", "RANK=1"], new CommunicatorOptions { ChunkBytes = 1 }));
        foreach (string part in (string[])["RDMACC_SLOTS", "RDMACC_CHANNELS", "RANK is set", "ChunkBytes is '1'"])
        {
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RANK=1", "RANK is set, but not the world size")]
    [InlineData("RDMACC_RANK=0", "RDMACC_RANK is set, but not the world size")]
    [InlineData("WORLD_SIZE=4", "WORLD_SIZE is 4, but the rank is not set")]
    [InlineData("RANK=4 WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=1", "RANK is 4 and WORLD_SIZE is 4; allowed for the rank: 0 to 3")]
    [InlineData("RANK=-1 WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=1", "RANK (Rank) is '-1'")]
    [InlineData("RANK=0 WORLD_SIZE=4", "nothing says where the ranks meet")]
    [InlineData("RANK=0 WORLD_SIZE=4 MASTER_ADDR=a", "nothing says where the ranks meet")]
    [InlineData("RANK=0 WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=x", "MASTER_ADDR and MASTER_PORT (Rendezvous) is 'a:x'")]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_RANK=2 MASTER_ADDR=a MASTER_PORT=1", "LOCAL_RANK (LocalRank) is '2'")]
    public void Resolve_HalfSetLauncherEnvironment_SaysWhatIsMissing(string variables, string expected)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RANK=1 WORLD_SIZE=4 LOCAL_RANK=1 MASTER_ADDR=node-a MASTER_PORT=29500", 1, 4, "node-a:29500", true)]
    [InlineData("RANK=1 WORLD_SIZE=4 MASTER_ADDR=node-a MASTER_PORT=29500 TORCHELASTIC_USE_AGENT_STORE=True", 1, 4, "node-a:29501", true)]
    [InlineData("RANK=1 WORLD_SIZE=4 MASTER_ADDR=fe80::1 MASTER_PORT=29500", 1, 4, "[fe80::1]:29500", true)]
    [InlineData("RANK=1 WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=1 RDMACC_RANK=2 RDMACC_RENDEZVOUS=b:2", 2, 4, "b:2", false)]
    [InlineData("RDMACC_RANK=0 RDMACC_WORLD_SIZE=2 RDMACC_RENDEZVOUS=[::1]:9", 0, 2, "[::1]:9", false)]
    [InlineData("WORLD_SIZE=1", 0, 1, null, false)]
    [InlineData("RDMACC_RANK=  RDMACC_WORLD_SIZE=", 0, 1, null, false)]
    public void Resolve_LauncherEnvironment_IsUnderstood(string variables, int rank, int worldSize, string? rendezvous, bool hosts)
    {
        ResolvedOptions options = Resolve(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((rank, worldSize, rendezvous, hosts), (options.Rank, options.WorldSize, options.Rendezvous, options.RankZeroHostsRendezvous));
    }

    [Fact]
    public void Resolve_SecretFile_GoesBeforeTheVariableButNotBeforeTheProgram()
    {
        string[] environment = ["RDMACC_SECRET_FILE=/run/secret", "RDMACC_SECRET=of the environment"];
        Assert.Equal("of the secret file"u8.ToArray(), Resolve(environment, file: "of the secret file\n").Secret);
        Assert.Equal("of the program itself"u8.ToArray(), Resolve(environment, new CommunicatorOptions { Secret = "of the program itself" }, "of the secret file\n").Secret);
    }

    [Fact]
    public void Resolve_SecretTooShortOrUnreadable_SaysSoWithoutShowingIt()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve(["RDMACC_SECRET=hunter2"]));
        Assert.Contains("RDMACC_SECRET (Secret) is '(set, not shown)'; allowed: at least 16 characters.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
        e = Assert.Throws<ArgumentException>(() => Resolve(["RDMACC_SECRET_FILE=/run/secret"], file: "hunter2"));
        Assert.Contains("'/run/secret', which holds 7 characters", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
        e = Assert.Throws<ArgumentException>(() => Resolve(["RDMACC_SECRET_FILE=/run/secret"], file: null));
        Assert.Contains("can't be read: no such file", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A rank that took two files for none would join in the clear.</summary>
    [Theory]
    [InlineData("RDMACC_TLS_CERTIFICATE")]
    [InlineData("RDMACC_TLS_KEY")]
    [InlineData("RDMACC_TLS_CA")]
    public void Resolve_OneOfTheTlsFilesIsMissing_NamesItAndTheThree(string missing)
    {
        string[] all = ["RDMACC_TLS_CERTIFICATE", "RDMACC_TLS_KEY", "RDMACC_TLS_CA"];
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve([.. all.Where(variable => variable != missing).Select(variable => $"{variable}=/etc/pem")]));
        Assert.Contains($"{missing} is not set: TLS for the join needs RDMACC_TLS_CERTIFICATE, RDMACC_TLS_KEY, RDMACC_TLS_CA, or none of them.", e.Message, StringComparison.Ordinal);
        Assert.Equal(new TlsFiles("/etc/pem", "/etc/pem", "/etc/pem", null), Resolve([.. all.Select(variable => $"{variable}=/etc/pem")]).Tls);
    }

    [Fact]
    public void Describe_Secrets_AreMaskedWhereverTheyComeFrom()
    {
        const string Hidden = "must not be seen anywhere";
        var environment = Inputs([$"RDMACC_SECRET={Hidden}"], "");
        var file = Inputs(["RDMACC_CONFIG_FILE=f"], $"RDMACC_SECRET = {Hidden}");
        foreach ((CommunicatorOptions options, OptionInputs inputs) in ((CommunicatorOptions, OptionInputs)[])[(new(), environment), (new(), file), (new() { Secret = Hidden }, environment)])
        {
            IReadOnlyList<OptionValue> values = OptionResolver.Describe(options, inputs);
            Assert.Equal("(set, not shown)", values.Single(v => v.Name == "Secret").Value);
            Assert.DoesNotContain(values, v => v.ToString().Contains(Hidden, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Describe_BadValues_AreListedWithTheirProblemAndDoNotThrow()
    {
        var inputs = Inputs(["RDMACC_SLOTS=5", "RANK=1"], "");
        Dictionary<string, OptionValue> values = OptionResolver.Describe(new CommunicatorOptions(), inputs).ToDictionary(v => v.Name, StringComparer.Ordinal);
        Assert.Contains("allowed: a power of two", values["Slots"].Problem, StringComparison.Ordinal);
        Assert.Contains("not the world size", values["WorldSize"].Problem, StringComparison.Ordinal);
        Assert.Null(values["Channels"].Problem);
    }

    [Fact]
    public void Resolve_ConfigurationFileWithMistakes_NamesFileAndLine()
    {
        const string File = "RDMACC_SLOTS = 5\nnonsense\nRDMACC_CHANELS = 2\nRDMACC_TIMEOUT = 1\nRDMACC_TIMEOUT = 2\nRDMACC_CONFIG_FILE = x\n";
        ArgumentException e = Assert.Throws<ArgumentException>(() => Resolve([], new CommunicatorOptions { ConfigFile = "/etc/c" }, File));
        foreach (string part in (string[])["/etc/c:1 (Slots) is '5'", "/etc/c:2: this line is not", "/etc/c:3: 'RDMACC_CHANELS'", "Did you mean RDMACC_CHANNELS?", "/etc/c:5: 'RDMACC_TIMEOUT' is set before, at /etc/c:4", "/etc/c:6: 'RDMACC_CONFIG_FILE'"])
        {
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        }

        e = Assert.Throws<ArgumentException>(() => Resolve(["RDMACC_CONFIG_FILE=/etc/gone"]));
        Assert.Contains("'/etc/gone' (RDMACC_CONFIG_FILE) can't be read: no such file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_UnknownVariable_WarnsWithTheNearestName()
    {
        var log = new LogRecorder();
        Resolve(["RDMACC_TRANSPORT=tcp", "RDMACC_XYZZY_PLUGH=1", "PATH=/bin"], new CommunicatorOptions { LoggerFactory = log });
        Assert.Equal(2, log.Warnings.Length);
        Assert.Contains("RDMACC_TRANSPORT is not known and has no effect. Did you mean RDMACC_TRANSPORTS?", log.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("RDMACC_XYZZY_PLUGH", log.Warnings[1], StringComparison.Ordinal);
        Assert.DoesNotContain("Did you mean", log.Warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Table_EveryOption_HasItsPropertyAndItsVariable()
    {
        string[] properties = [.. typeof(CommunicatorOptions).GetProperties().Select(p => p.Name).Where(n => n is not (nameof(CommunicatorOptions.LoggerFactory) or nameof(CommunicatorOptions.Schedules))).Order(StringComparer.Ordinal)];
        string[] names = [.. OptionTable.All.Select(o => o.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(properties, names);
        Assert.Equal(OptionTable.All.Count, OptionTable.All.DistinctBy(o => o.Variable, StringComparer.Ordinal).Count());
    }

    private static (string, OptionSource, string) Short(OptionValue value) => (value.Value, value.Source, value.Origin);

    private static ResolvedOptions Resolve(string[] environment, CommunicatorOptions? options = null, string? file = null) =>
        OptionResolver.Resolve(options ?? new CommunicatorOptions(), Inputs(environment, file));

    private static OptionInputs Inputs(string[] environment, string? file) => new(
        environment.Select(v => v.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal),
        _ => file ?? throw new FileNotFoundException("no such file"));
}
