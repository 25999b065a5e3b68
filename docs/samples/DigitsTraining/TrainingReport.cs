using System.Text.Json;

namespace DigitsTraining;

/// <summary>What the run gave, for programs.</summary>
internal sealed record TrainingReport(
    int WorldSize, string Transports, int Epochs, int Batch, int Seed, double[] TrainingLoss, double[] TestLoss, double Accuracy, string WeightsHash, double Seconds)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, Format) + "\n");
}
