namespace DigitsTraining;

/// <summary>
/// Two layers: 64 pixels, 32 hidden units with tanh, 10 classes with softmax. All parameters lie in one span, and so do their gradients,
/// so that one all-reduce carries everything.
/// </summary>
internal sealed class Network
{
    private const int Inputs = Digits.PixelCount;
    private const int Hidden = 32;
    private const int Outputs = Digits.ClassCount;

    private const int HiddenBias = Hidden * Inputs;
    private const int OutputWeights = HiddenBias + Hidden;
    private const int OutputBias = OutputWeights + (Outputs * Hidden);

    public const int ParameterCount = OutputBias + Outputs;

    private readonly float[] _hidden = new float[Hidden];
    private readonly float[] _hiddenError = new float[Hidden];
    private readonly float[] _probability = new float[Outputs];

    /// <summary>The same seed gives the same weights on every rank, so nothing has to be broadcast. Uniform, with the bounds of Glorot and Bengio (2010).</summary>
    public Network(int seed)
    {
        var random = new Random(seed);
        Fill(random, Parameters.AsSpan(0, HiddenBias), MathF.Sqrt(6f / (Inputs + Hidden)));
        Fill(random, Parameters.AsSpan(OutputWeights, OutputBias - OutputWeights), MathF.Sqrt(6f / (Hidden + Outputs)));
    }

    public float[] Parameters { get; } = new float[ParameterCount];

    /// <summary>The loss of one image (cross-entropy, natural logarithm), and whether the likeliest class is the right one.</summary>
    public (float Loss, bool Correct) Evaluate(ReadOnlySpan<float> image, int label)
    {
        ReadOnlySpan<float> parameters = Parameters;
        for (int j = 0; j < Hidden; j++)
        {
            _hidden[j] = MathF.Tanh(Dot(parameters.Slice(j * Inputs, Inputs), image) + parameters[HiddenBias + j]);
        }

        for (int k = 0; k < Outputs; k++)
        {
            _probability[k] = Dot(parameters.Slice(OutputWeights + (k * Hidden), Hidden), _hidden) + parameters[OutputBias + k];
        }

        int likeliest = Softmax(_probability);
        return (-MathF.Log(MathF.Max(_probability[label], 1e-30f)), likeliest == label);
    }

    /// <summary>As <see cref="Evaluate"/>, and adds the gradient of this image's loss to <paramref name="gradients"/>.</summary>
    public float AddGradients(ReadOnlySpan<float> image, int label, Span<float> gradients)
    {
        (float loss, _) = Evaluate(image, label);
        Array.Clear(_hiddenError);
        for (int k = 0; k < Outputs; k++)
        {
            float error = _probability[k] - (k == label ? 1 : 0);
            int weights = OutputWeights + (k * Hidden);
            AddScaled(error, _hidden, gradients.Slice(weights, Hidden));
            AddScaled(error, Parameters.AsSpan(weights, Hidden), _hiddenError);
            gradients[OutputBias + k] += error;
        }

        for (int j = 0; j < Hidden; j++)
        {
            float error = _hiddenError[j] * (1 - (_hidden[j] * _hidden[j]));
            AddScaled(error, image, gradients.Slice(j * Inputs, Inputs));
            gradients[HiddenBias + j] += error;
        }

        return loss;
    }

    private static void Fill(Random random, Span<float> weights, float bound)
    {
        foreach (ref float weight in weights)
        {
            weight = bound * ((2 * random.NextSingle()) - 1);
        }
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    private static void AddScaled(float factor, ReadOnlySpan<float> values, Span<float> sums)
    {
        for (int i = 0; i < values.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }

    /// <summary>Turns scores into probabilities in place and returns the index of the largest.</summary>
    private static int Softmax(Span<float> scores)
    {
        int largest = 0;
        for (int k = 1; k < scores.Length; k++)
        {
            largest = scores[k] > scores[largest] ? k : largest;
        }

        float highest = scores[largest];
        float sum = 0;
        foreach (ref float score in scores)
        {
            score = MathF.Exp(score - highest);
            sum += score;
        }

        foreach (ref float score in scores)
        {
            score /= sum;
        }

        return largest;
    }
}
