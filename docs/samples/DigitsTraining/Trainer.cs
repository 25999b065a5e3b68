using System.Runtime.InteropServices;
using RdmaCollectives;

namespace DigitsTraining;

/// <summary>What one epoch gave, the same on every rank. Losses are means over all images of all ranks.</summary>
internal readonly record struct EpochResult(double TrainingLoss, double TestLoss, double TestAccuracy);

/// <summary>
/// Data-parallel stochastic gradient descent with momentum. In each step every rank computes the gradients of its share of the batch, one all-reduce
/// adds them up, and every rank makes the same update of its own copy of the weights.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const float LearningRate = 0.1f;
    private const float Momentum = 0.9f;

    private readonly Communicator _communicator;
    private readonly Digits _training;
    private readonly Digits _test;
    private readonly int _batchSize;
    private readonly Network _network;
    private readonly float[] _velocity = new float[Network.ParameterCount];
    private readonly int[] _order;
    private readonly Random _shuffle;

    /// <summary>The gradients, and behind them the sum of the losses: one all-reduce carries both. Registered memory is sent without a copy.</summary>
    private readonly RegisteredBuffer<float> _sums;

    public Trainer(Communicator communicator, Digits training, Digits test, int batchSize, int seed)
    {
        _communicator = communicator;
        _training = training;
        _test = test;
        _batchSize = batchSize;
        _network = new Network(seed);
        _shuffle = new Random(seed);
        _order = [.. Enumerable.Range(0, training.Count)];
        _sums = communicator.Allocate<float>(Network.ParameterCount + 1);
    }

    public EpochResult RunEpoch()
    {
        // Every rank shuffles alike: the same batches for any number of ranks.
        _shuffle.Shuffle(_order);
        double loss = 0;
        for (int start = 0; start < _order.Length; start += _batchSize)
        {
            loss += Step(_order.AsSpan(start, Math.Min(_batchSize, _order.Length - start)));
        }

        (double testLoss, double accuracy) = Test();
        return new EpochResult(loss / _order.Length, testLoss, accuracy);
    }

    /// <summary>A fingerprint of the weights: 64-bit FNV-1a over their bytes.</summary>
    public ulong HashWeights()
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in MemoryMarshal.AsBytes<float>(_network.Parameters))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }

    public void Dispose() => _sums.Dispose();

    /// <summary>
    /// One batch; returns the sum of its losses. Shares differ by one image where the number of ranks does not divide the batch, or may be empty, so ranks add
    /// up sums over images and divide by the size of the whole batch. An average of the ranks' averages would weight images unequally.
    /// </summary>
    private float Step(ReadOnlySpan<int> batch)
    {
        Span<float> sums = _sums.Span;
        Span<float> gradients = sums[..Network.ParameterCount];
        ref float loss = ref sums[Network.ParameterCount];
        sums.Clear();
        foreach (int image in batch[Share(batch.Length)])
        {
            loss += _network.AddGradients(_training.Image(image), _training.Label(image), gradients);
        }

        _communicator.AllReduce(sums, ReduceOp.Sum);

        float[] weights = _network.Parameters;
        for (int i = 0; i < weights.Length; i++)
        {
            _velocity[i] = (Momentum * _velocity[i]) - (LearningRate / batch.Length * gradients[i]);
            weights[i] += _velocity[i];
        }

        return loss;
    }

    /// <summary>Each rank judges its share of the test images.</summary>
    private (double Loss, double Accuracy) Test()
    {
        Span<double> sums = [0, 0];
        (int start, int length) = Share(_test.Count).GetOffsetAndLength(_test.Count);
        for (int image = start; image < start + length; image++)
        {
            (float loss, bool correct) = _network.Evaluate(_test.Image(image), _test.Label(image));
            sums[0] += loss;
            sums[1] += correct ? 1 : 0;
        }

        _communicator.AllReduce(sums, ReduceOp.Sum);
        return (sums[0] / _test.Count, sums[1] / _test.Count);
    }

    /// <summary>This rank's part of <paramref name="count"/> items.</summary>
    private Range Share(int count)
    {
        long rank = _communicator.Rank;
        return (int)(count * rank / _communicator.WorldSize)..(int)(count * (rank + 1) / _communicator.WorldSize);
    }
}
