using System.Runtime.InteropServices;
using RdmaCollectives;

namespace DigitsTraining;

/// <summary>What one epoch gave, the same on every rank. Losses are means over all images of all ranks.</summary>
internal readonly record struct EpochResult(double TrainingLoss, double TestLoss, double TestAccuracy);

/// <summary>
/// Data-parallel stochastic gradient descent with momentum. In each step every rank computes the gradients of its share of the batch, one all-reduce
/// adds them up, and every rank makes the same update of its own copy of the weights. Nothing is changed before the all-reduce has returned: a step that a fault
/// ends has not happened on this rank.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const float LearningRate = 0.1f;
    private const float Momentum = 0.9f;

    private readonly Digits _training;
    private readonly Digits _test;
    private readonly int _batchSize;
    private readonly int _seed;
    private readonly TrainingState _state;
    private Communicator _communicator;

    /// <summary>The gradients, and behind them the sum of the losses: one all-reduce carries both. Registered memory is sent without a copy.</summary>
    private RegisteredBuffer<float> _sums;

    public Trainer(Communicator communicator, Digits training, Digits test, int batchSize, int seed, int epochs)
    {
        _communicator = communicator;
        _training = training;
        _test = test;
        _batchSize = batchSize;
        _seed = seed;
        _state = new TrainingState(seed, epochs);
        _sums = communicator.Allocate<float>(Network.ParameterCount + 1);
    }

    /// <summary>The epochs that are complete.</summary>
    public IReadOnlyList<EpochResult> Epochs => _state.Epochs;

    /// <summary>Trains to the end of the epoch that this rank is in.</summary>
    public EpochResult FinishEpoch()
    {
        int[] order = Order(_state.Epochs.Count + 1);
        while (_state.Position < order.Length)
        {
            ReadOnlySpan<int> batch = order.AsSpan(_state.Position, Math.Min(_batchSize, order.Length - _state.Position));
            _state.Loss += Step(batch);
            _state.Position += batch.Length;
        }

        (double testLoss, double accuracy) = Test();
        var result = new EpochResult(_state.Loss / order.Length, testLoss, accuracy);
        _state.EndEpoch(result);
        return result;
    }

    /// <summary>
    /// Goes on with other ranks, after a fault or with newcomers. Some may have made a step more than others, and newcomers none: rank 0 gives its state to all. The training data are shared anew by themselves.
    /// </summary>
    public void GoOn(Communicator communicator)
    {
        _communicator = communicator;
        _sums.Dispose();
        _sums = communicator.Allocate<float>(Network.ParameterCount + 1);
        _state.BroadcastFromRankZero(communicator);
    }

    /// <summary>A fingerprint of the weights: 64-bit FNV-1a over their bytes.</summary>
    public ulong HashWeights()
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in MemoryMarshal.AsBytes<float>(_state.Network.Parameters))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }

    public void Dispose() => _sums.Dispose();

    /// <summary>The order of the images in an epoch: shuffled once more in each, on every rank alike, so that batches are the same for any number of ranks.</summary>
    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, _training.Count)];
        var shuffle = new Random(_seed);
        for (int i = 0; i < epoch; i++)
        {
            shuffle.Shuffle(order);
        }

        return order;
    }

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
            loss += _state.Network.AddGradients(_training.Image(image), _training.Label(image), gradients);
        }

        _communicator.AllReduce(sums, ReduceOp.Sum);

        float[] weights = _state.Network.Parameters;
        float[] velocity = _state.Velocity;
        for (int i = 0; i < weights.Length; i++)
        {
            velocity[i] = (Momentum * velocity[i]) - (LearningRate / batch.Length * gradients[i]);
            weights[i] += velocity[i];
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
            (float loss, bool correct) = _state.Network.Evaluate(_test.Image(image), _test.Label(image));
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
