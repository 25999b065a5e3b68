using RdmaCollectives;

namespace DigitsTraining;

/// <summary>All that a rank needs to go on from the middle of an epoch; the same on every rank between two steps.</summary>
internal sealed class TrainingState(int seed, int epochs)
{
    private const int NumbersPerEpoch = 3;

    private readonly List<EpochResult> _epochs = [];

    public Network Network { get; } = new(seed);

    public float[] Velocity { get; } = new float[Network.ParameterCount];

    /// <summary>What the epochs that are complete gave.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>How many images of the epoch under way have been learnt.</summary>
    public int Position { get; set; }

    /// <summary>The sum of their losses.</summary>
    public double Loss { get; set; }

    public void EndEpoch(EpochResult result)
    {
        _epochs.Add(result);
        Position = 0;
        Loss = 0;
    }

    /// <summary>Makes the state of all ranks that of rank 0. Nothing of it is changed where a fault ends the call.</summary>
    public void BroadcastFromRankZero(Communicator communicator)
    {
        double[] numbers = new double[3 + (NumbersPerEpoch * epochs)];
        (numbers[0], numbers[1], numbers[2]) = (_epochs.Count, Position, Loss);
        for (int i = 0; i < _epochs.Count; i++)
        {
            (double trainingLoss, double testLoss, double accuracy) = _epochs[i];
            int at = 3 + (i * NumbersPerEpoch);
            (numbers[at], numbers[at + 1], numbers[at + 2]) = (trainingLoss, testLoss, accuracy);
        }

        float[] weights = [.. Network.Parameters, .. Velocity];
        communicator.Broadcast(numbers.AsSpan(), root: 0);
        communicator.Broadcast(weights.AsSpan(), root: 0);

        _epochs.Clear();
        for (int i = 0; i < (int)numbers[0]; i++)
        {
            int at = 3 + (i * NumbersPerEpoch);
            _epochs.Add(new EpochResult(numbers[at], numbers[at + 1], numbers[at + 2]));
        }

        (Position, Loss) = ((int)numbers[1], numbers[2]);
        weights.AsSpan(0, Velocity.Length).CopyTo(Network.Parameters);
        weights.AsSpan(Velocity.Length).CopyTo(Velocity);
    }
}
