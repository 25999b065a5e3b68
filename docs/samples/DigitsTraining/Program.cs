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
    return Train(await Communicator.CreateAsync(), options);
}
catch (Exception error) when (error is CollectiveException or ArgumentException or IOException or UnauthorizedAccessException)
{
    return Fail(error.Message);
}

static int Train(Communicator communicator, TrainingOptions options)
{
    (Digits training, Digits test) = Digits.Load();
    Say(communicator, $"{training.Count} training and {test.Count} test images, {Network.ParameterCount} weights, {Ranks(communicator)}, transports: {TransportNames(communicator)}");
    Say(communicator, "epoch  training loss  test loss  test accuracy");

    var clock = Stopwatch.StartNew();
    using var trainer = new Trainer(communicator, training, test, options.BatchSize, options.Seed, options.Epochs);
    bool isBehind = communicator.Epoch > 1; // a newcomer: the others have a state already
    while (true)
    {
        try
        {
            if (isBehind)
            {
                trainer.GoOn(communicator);
                isBehind = false;
            }

            if (trainer.Epochs.Count == options.Epochs)
            {
                return Finish(communicator, options, trainer, clock.Elapsed.TotalSeconds);
            }

            EpochResult result = trainer.FinishEpoch();
            Say(communicator, $"{trainer.Epochs.Count,5}  {result.TrainingLoss,13:F5}  {result.TestLoss,9:F5}  {Percent(result.TestAccuracy),13}");
            Thread.Sleep(options.PauseMilliseconds);
            if (communicator.Grow() is { } grown)
            {
                Replace(ref communicator, grown, "newcomers are here");
                isBehind = true;
            }
        }
        catch (CommunicatorFaultException fault)
        {
            // A rank died, in the middle of a step or elsewhere: those that are left go on together.
            Replace(ref communicator, communicator.Shrink().Communicator, $"{fault.Reason}");
            isBehind = true;
        }
    }
}

static void Replace(ref Communicator communicator, Communicator next, string why)
{
    communicator.Dispose();
    communicator = next;
    Say(communicator, $"{why}: going on with {Ranks(communicator)}");
}

static int Finish(Communicator communicator, TrainingOptions options, Trainer trainer, double seconds)
{
    bool speaks = communicator.Rank == 0;
    ulong hash = trainer.HashWeights();
    ulong least = AllReduceOne(communicator, hash, ReduceOp.Min);
    ulong greatest = AllReduceOne(communicator, hash, ReduceOp.Max);
    double accuracy = trainer.Epochs[^1].TestAccuracy;
    if (speaks)
    {
        Console.WriteLine($"{seconds:F2} s; test accuracy {Percent(accuracy)}; weights {hash:x16}");
        WriteFiles(communicator, options, trainer.Epochs, TransportNames(communicator), hash, seconds);
    }

    communicator.Dispose();

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

static void WriteFiles(Communicator communicator, TrainingOptions options, IReadOnlyList<EpochResult> epochs, string transports, ulong hash, double seconds)
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

static void Say(Communicator communicator, string line)
{
    if (communicator.Rank == 0)
    {
        Console.WriteLine(line);
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
