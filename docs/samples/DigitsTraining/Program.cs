using System.Diagnostics;
using DigitsTraining;
using RdmaCollectives;

const double LeastAccuracy = 0.95;

if (args.Contains("--help"))
{
    Console.WriteLine(TrainingOptions.Usage);
    return 0;
}

TrainingOptions options;
try
{
    options = TrainingOptions.Parse(args);
}
catch (ArgumentException error)
{
    return Fail(error.Message, exitCode: 2);
}

try
{
    // Rank and world size come from the launcher's environment; without a launcher this is a world of one.
    await using var communicator = await Communicator.CreateAsync();
    return Train(communicator, options);
}
catch (Exception error) when (error is CollectiveException or ArgumentException or IOException or UnauthorizedAccessException)
{
    return Fail(error.Message);
}

static int Train(Communicator communicator, TrainingOptions options)
{
    bool speaks = communicator.Rank == 0;
    (Digits training, Digits test) = Digits.Load();
    string transports = TransportNames(communicator);
    if (speaks)
    {
        Console.WriteLine($"{training.Count} training and {test.Count} test images, {Network.ParameterCount} weights, {Ranks(communicator)}, transports: {transports}");
        Console.WriteLine("epoch  training loss  test loss  test accuracy");
    }

    var clock = Stopwatch.StartNew();
    using var trainer = new Trainer(communicator, training, test, options.BatchSize, options.Seed);
    var epochs = new List<EpochResult>();
    for (int epoch = 1; epoch <= options.Epochs; epoch++)
    {
        EpochResult result = trainer.RunEpoch();
        epochs.Add(result);
        if (speaks)
        {
            Console.WriteLine($"{epoch,5}  {result.TrainingLoss,13:F5}  {result.TestLoss,9:F5}  {Percent(result.TestAccuracy),13}");
        }
    }

    double seconds = clock.Elapsed.TotalSeconds;
    ulong hash = trainer.HashWeights();
    ulong least = AllReduceOne(communicator, hash, ReduceOp.Min);
    ulong greatest = AllReduceOne(communicator, hash, ReduceOp.Max);
    double accuracy = epochs[^1].TestAccuracy;
    if (speaks)
    {
        Console.WriteLine($"{seconds:F2} s; test accuracy {Percent(accuracy)}; weights {hash:x16}");
        WriteFiles(communicator, options, epochs, transports, hash, seconds);
    }

    // All ranks see the same numbers and end with the same exit code; one of them says why.
    if (least != greatest)
    {
        return speaks ? Fail($"the ranks ended with different weights: their hashes lie between {least:x16} and {greatest:x16}.") : 1;
    }

    if (accuracy < LeastAccuracy)
    {
        return speaks ? Fail($"test accuracy is {Percent(accuracy)}, less than {Percent(LeastAccuracy)}: train for more epochs than {options.Epochs}.") : 1;
    }

    return 0;
}

static ulong AllReduceOne(Communicator communicator, ulong value, ReduceOp op)
{
    Span<ulong> one = [value];
    communicator.AllReduce(one, op);
    return one[0];
}

static void WriteFiles(Communicator communicator, TrainingOptions options, List<EpochResult> epochs, string transports, ulong hash, double seconds)
{
    double accuracy = epochs[^1].TestAccuracy;
    if (options.CurveFile is { } curve)
    {
        File.WriteAllText(curve, LossCurve.Draw(epochs, $"{Ranks(communicator)} over {transports}, batches of {options.BatchSize}, test accuracy {Percent(accuracy)}"));
    }

    if (options.JsonFile is { } json)
    {
        new TrainingReport(
            communicator.WorldSize, transports, options.Epochs, options.BatchSize, options.Seed,
            [.. epochs.Select(epoch => epoch.TrainingLoss)], [.. epochs.Select(epoch => epoch.TestLoss)], accuracy, $"{hash:x16}", seconds).Write(json);
    }
}

static string Ranks(Communicator communicator) => communicator.WorldSize == 1 ? "1 rank" : $"{communicator.WorldSize} ranks";

static string TransportNames(Communicator communicator)
    => communicator.WorldSize == 1 ? "none" : string.Join(", ", communicator.Transports.Select(transport => transport.Name).Distinct(StringComparer.Ordinal));

static string Percent(double share) => $"{100 * share:F2}%";

static int Fail(string message, int exitCode = 1)
{
    Console.Error.WriteLine($"DigitsTraining: {message}");
    return exitCode;
}
