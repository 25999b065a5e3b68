using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace RdmaCollectives.Samples.Tests;

public sealed partial class DigitsTrainingTests(DigitsTrainingTests.SingleProcess single) : IClassFixture<DigitsTrainingTests.SingleProcess>
{
    /// <summary>Relative; the only difference is the order in which floats are added. The sample's README states it.</summary>
    private const double LossTolerance = 1e-5;

    private static string Sample => Programs.PathOf("DigitsTraining", "DigitsTraining");

    private static string Launcher => Programs.PathOf("RdmaCollectives.Tool", "rdmacc");

    /// <summary>The run without a launcher that all others are compared with, done once.</summary>
    public sealed class SingleProcess : IAsyncLifetime
    {
        internal ProgramResult Result { get; private set; } = null!;

        internal Report Report { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            using var directory = new TemporaryDirectory();
            Result = await Programs.RunAsync(Sample, "--json", directory.File("run.json"));
            Assert.True(Result.ExitCode == 0, Result.ToString());
            Report = Report.Read(directory.File("run.json"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    internal sealed record Report(int WorldSize, string Transports, double[] TrainingLoss, double[] TestLoss, double Accuracy, string WeightsHash)
    {
        public static Report Read(string file) => JsonSerializer.Deserialize<Report>(File.ReadAllText(file), JsonSerializerOptions.Web)!;
    }

    internal sealed class TemporaryDirectory : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("digits-").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public void Train_WithoutLauncher_LearnsAsAWorldOfOne()
    {
        Assert.Equal(1, single.Report.WorldSize);
        Assert.Equal(30, single.Report.TrainingLoss.Length);
        Assert.InRange(single.Report.Accuracy, 0.97, 1);
        Assert.InRange(single.Report.TrainingLoss[^1], 0, 0.05);
        Assert.Contains("test accuracy 97", single.Result.Output, StringComparison.Ordinal);
        Assert.Empty(single.Result.Error);
    }

    [Theory]
    [InlineData("shm", 2)]
    [InlineData("shm", 3)]
    [InlineData("shm", 4)]
    [InlineData("tcp", 4)]
    public async Task Train_SeveralRanks_FollowsTheLossCurveOfOneProcess(string transport, int ranks)
    {
        Report report = await AssertSameTrainingAsync(ranks, ["run", "-n", $"{ranks}", "--transport", transport, "--", Sample]);
        Assert.Contains(transport, report.Transports, StringComparison.Ordinal);
    }

    /// <summary>On the Soft-RoCE machine of tests/softroce every rank is a host of its own with its own device.</summary>
    [Fact]
    [Trait("device", "rdma")]
    public async Task Train_FourHostsOverVerbs_FollowsTheLossCurveOfOneProcess()
    {
        bool promised = Environment.GetEnvironmentVariable("RDMACC_TEST_REQUIRE_DEVICE") == "1";
        bool hasHosts = Environment.GetEnvironmentVariable("RDMACC_SOFTROCE_HOSTS") is { } hosts && int.Parse(hosts, CultureInfo.InvariantCulture) >= 4;
        Assert.SkipUnless(promised || hasHosts, "needs four Soft-RoCE hosts: tests/softroce/run --hosts 4");
        long[] before = [SentPackets(1), SentPackets(2), SentPackets(3), SentPackets(4)];
        Report report = await AssertSameTrainingAsync(
            4, ["run", "-n", "4", "--transport", "verbs", "--host-id-per-rank", "--", "/bin/sh", "-c", "RDMACC_SPIN=0 RDMACC_DEVICE=rxe$((RDMACC_RANK + 1))r0 exec \"$0\" \"$@\"", Sample]);
        Assert.Equal("verbs", report.Transports);
        for (int host = 0; host < 4; host++)
        {
            Assert.True(SentPackets(host + 1) > before[host], $"rxe{host + 1}r0 has sent nothing");
        }
    }

    private static long SentPackets(int host) =>
        long.Parse(File.ReadAllText($"/sys/class/infiniband/rxe{host}r0/ports/1/hw_counters/sent_pkts"), CultureInfo.InvariantCulture);

    private async Task<Report> AssertSameTrainingAsync(int ranks, string[] launch)
    {
        using var directory = new TemporaryDirectory();
        ProgramResult result = await Programs.RunAsync(Launcher, [.. launch, "--json", directory.File("run.json"), "--curve", directory.File("loss.svg")]);
        Assert.True(result.ExitCode == 0, result.ToString());

        Report report = Report.Read(directory.File("run.json"));
        Assert.Equal(ranks, report.WorldSize);
        Assert.InRange(report.Accuracy, 0.95, 1);
        AssertSameCurve(single.Report.TrainingLoss, report.TrainingLoss);
        AssertSameCurve(single.Report.TestLoss, report.TestLoss);

        XElement picture = XElement.Load(directory.File("loss.svg"));
        string[] lines = [.. picture.Descendants().Where(element => element.Name.LocalName == "polyline").Select(line => line.Attribute("points")!.Value)];
        Assert.Equal(2, lines.Length);
        Assert.All(lines, points => Assert.Equal(30, points.Split(' ').Length));
        return report;
    }

    [Theory]
    [InlineData("--epochs takes a whole number from 1 to 1000, not 'none'.", "--epochs", "none")]
    [InlineData("--batch takes a whole number from 1 to 1437, not '0'.", "--batch", "0")]
    [InlineData("--seed takes a whole number from 0 to 2147483647, not ''.", "--seed")]
    [InlineData("--curve takes the name of a file.", "--curve")]
    [InlineData("'--speed' is not an option: see --help.", "--speed", "fast")]
    public async Task Main_WrongOption_SaysWhatIsAllowed(string message, params string[] arguments)
    {
        ProgramResult result = await Programs.RunAsync(Sample, arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"DigitsTraining: {message}\n", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Train_TooFewEpochs_FailsWithTheAccuracy()
    {
        ProgramResult result = await Programs.RunAsync(Sample, "--epochs", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("DigitsTraining: test accuracy is 84.72%, less than 95.00%", result.Error, StringComparison.Ordinal);
    }

    private static void AssertSameCurve(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int epoch = 0; epoch < expected.Length; epoch++)
        {
            double difference = Math.Abs(actual[epoch] - expected[epoch]) / expected[epoch];
            Assert.True(difference <= LossTolerance, $"epoch {epoch + 1}: loss {actual[epoch]:R} differs from {expected[epoch]:R} by a relative {difference:E1}");
        }
    }
}
