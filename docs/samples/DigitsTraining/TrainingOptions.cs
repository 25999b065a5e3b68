using System.Globalization;

namespace DigitsTraining;

/// <summary>The command line.</summary>
internal sealed record TrainingOptions(int Epochs, int BatchSize, int Seed, string? CurveFile, string? JsonFile, int PauseMilliseconds)
{
    public const string Usage = """
        Usage: DigitsTraining [options]

        Trains a small network on images of handwritten digits, on all ranks together.

          --epochs N     passes over the training images, 1 to 1000 (30)
          --batch N      images in one step over all ranks, 1 to 1437 (64)
          --seed N       seed of the first weights and of the order of the images (1)
          --curve FILE   write the loss curve as an SVG picture
          --json FILE    write losses, accuracy and the hash of the weights
          --pause N      milliseconds of rest after each epoch: time to kill a rank and look (0)
          --help         print this
        """;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is wrong; the message says which, and what is allowed.</exception>
    public static TrainingOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new TrainingOptions(Epochs: 30, BatchSize: 64, Seed: 1, CurveFile: null, JsonFile: null, PauseMilliseconds: 0);
        for (int i = 0; i < args.Length; i += 2)
        {
            string name = args[i];
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            options = name switch
            {
                "--epochs" => options with { Epochs = Number(name, value, 1, 1000) },
                "--batch" => options with { BatchSize = Number(name, value, 1, 1437) },
                "--seed" => options with { Seed = Number(name, value, 0, int.MaxValue) },
                "--curve" => options with { CurveFile = Text(name, value) },
                "--json" => options with { JsonFile = Text(name, value) },
                "--pause" => options with { PauseMilliseconds = Number(name, value, 0, 60_000) },
                _ => throw new ArgumentException($"'{name}' is not an option: see --help."),
            };
        }

        return options;
    }

    private static int Number(string name, string? value, int least, int most)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name} takes a whole number from {least} to {most}, not '{value}'.");

    private static string Text(string name, string? value)
        => !string.IsNullOrEmpty(value) ? value : throw new ArgumentException($"{name} takes the name of a file.");
}
