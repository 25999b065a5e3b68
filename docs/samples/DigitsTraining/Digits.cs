using System.Globalization;
using System.IO.Compression;

namespace DigitsTraining;

/// <summary>Images of handwritten digits, and which digit each one shows.</summary>
internal sealed class Digits
{
    public const int PixelCount = 64;
    public const int ClassCount = 10;

    private const float BrightestPixel = 16;

    private readonly float[] _pixels;
    private readonly int[] _labels;

    private Digits(float[] pixels, int[] labels)
    {
        _pixels = pixels;
        _labels = labels;
    }

    public int Count => _labels.Length;

    public ReadOnlySpan<float> Image(int index) => _pixels.AsSpan(index * PixelCount, PixelCount);

    public int Label(int index) => _labels[index];

    /// <summary>Reads the file that lies beside the program. Every fifth image is for the test, on every rank and in every run.</summary>
    public static (Digits Training, Digits Test) Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "data", "digits.csv.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        List<float> trainingPixels = [], testPixels = [];
        List<int> trainingLabels = [], testLabels = [];
        for (int line = 0; reader.ReadLine() is { } text; line++)
        {
            int[] numbers = Array.ConvertAll(text.Split(','), field => int.Parse(field, CultureInfo.InvariantCulture));
            if (numbers.Length != PixelCount + 1)
            {
                throw new InvalidDataException($"{path}, line {line + 1}: {numbers.Length} numbers, not {PixelCount + 1}.");
            }

            (List<float> pixels, List<int> labels) = line % 5 == 0 ? (testPixels, testLabels) : (trainingPixels, trainingLabels);
            pixels.AddRange(numbers.Take(PixelCount).Select(level => level / BrightestPixel));
            labels.Add(numbers[PixelCount]);
        }

        return (new Digits([.. trainingPixels], [.. trainingLabels]), new Digits([.. testPixels], [.. testLabels]));
    }
}
