using System.Text;
using RdmaCollectives.Configuration;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>Environment and configuration file: lines <c>NAME=value</c>; those behind an empty line are the file's.</summary>
internal sealed class OptionsTarget : FuzzTarget
{
    private const string Secret = "do-not-tell-this-secret";

    private static readonly string[] s_values =
    [
        "0", "1", "2", "-1", "65536", "2147483647", "2147483648", "1e308", "NaN", "Infinity", "0.001", "604800", "604801", "true", "off", "auto", "shm,tcp", "shm,,tcp", "tcp:1", "[::1]:1", "::1:1", "host:0", "host:65535",
        "4K", "8M", "2047M", "2048M", "128K", "64", "K", "", " ", "=", "#", "eth0", "10.0.0.0/8", "/nowhere/at/all", "file", "mlx5_0:1", "mlx5_0:999", "a,b", "0x10", "+1", "1_000", "²", "١",
    ];

    public override string Name => "options";

    public override IReadOnlyList<string> Sources => ["Configuration/ConfigurationFile.cs", "Configuration/OptionText.cs", "Configuration/OptionReader.cs", "Configuration/OptionResolver.cs", "Configuration/LaunchEnvironment.cs", "Configuration/NearestName.cs"];

    public override bool TakesItsSamples => false;

    public override long AllocationBound(int inputBytes) => (256L * inputBytes) + (512 * 1024); // messages name what is allowed

    public override Sample Generate(Random random)
    {
        var text = new StringBuilder();
        string[] launcher = ["RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "RDMACC_UNKNOWN"];
        for (int part = 0; part < 2; part++)
        {
            int lines = random.Next(5);
            for (int i = 0; i < lines; i++)
            {
                string name = random.Next(5) == 0 ? launcher[random.Next(launcher.Length)] : OptionTable.All[random.Next(OptionTable.All.Count)].Variable;
                string value = name == "RDMACC_SECRET" ? Secret : name == "RDMACC_CONFIG_FILE" ? "file" : s_values[random.Next(s_values.Length)];
                text.Append(random.Next(12) == 0 ? "# " : "").Append(name).Append(random.Next(3) == 0 ? " = " : "=").Append(value).Append('\n');
            }

            text.Append(part == 0 ? "RDMACC_CONFIG_FILE=file\n\n" : "");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        var layout = new Layout(bytes);
        foreach (string line in text.ToString().Split('\n'))
        {
            int name = line.IndexOf('=') + 1;
            layout.Text(Encoding.UTF8.GetByteCount(line[..name])).Text(Encoding.UTF8.GetByteCount(line[name..]));
            _ = layout.IsAtEnd ? layout : layout.Opaque(1);
        }

        return layout.Done(FieldKind.Text);
    }

    public override Outcome Run(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        int cut = text.IndexOf("\n\n", StringComparison.Ordinal);
        string file = cut < 0 ? "" : text[(cut + 2)..];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in (cut < 0 ? text : text[..cut]).Split('\n'))
        {
            int equals = line.IndexOf('=');
            if (equals > 0)
            {
                environment[line[..equals].Trim()] = line[(equals + 1)..];
            }
        }

        var inputs = new OptionInputs(environment, path => path == "file" ? file : throw new FileNotFoundException($"There is no {path}."));
        bool mayTell = text.Split('\n').All(line => !line.Contains(Secret, StringComparison.Ordinal) || line.Split('=')[0].Trim() == "RDMACC_SECRET"); // elsewhere it is no secret
        foreach (OptionValue value in OptionResolver.Describe(new CommunicatorOptions(), inputs))
        {
            if (mayTell && value.ToString().Contains(Secret, StringComparison.Ordinal))
            {
                throw new BrokenInvariantException($"the secret is shown: {value}");
            }
        }

        try
        {
            ResolvedOptions resolved = OptionResolver.Resolve(new CommunicatorOptions(), inputs);
            return resolved.Rank >= 0 && resolved.Rank < resolved.WorldSize && resolved.ChunkBytes is >= 4096 and <= 8 << 20 && resolved.Slots is >= 2 and <= 4096 && resolved.Channels is >= 1 and <= 16 && resolved.Timeout > TimeSpan.Zero && resolved.JoinTimeout > TimeSpan.Zero
                ? Outcome.Accepted
                : throw new BrokenInvariantException($"options outside of their bounds were taken: rank {resolved.Rank} of {resolved.WorldSize}");
        }
        catch (ArgumentException e)
        {
            return mayTell && e.Message.Contains(Secret, StringComparison.Ordinal) ? throw new BrokenInvariantException("the secret is in a message") : Outcome.Refused;
        }
    }
}
