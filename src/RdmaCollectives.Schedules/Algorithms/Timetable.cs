namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Puts the steps of several pipelines of one rank in one order. Each pipeline works on its pieces one after the other, at times <c>start, start + 2, start + 4, ...</c>, with the same number of steps for each; the order is by time, then by
/// pipeline. If every message is taken at a later time than it is sent, all ranks can follow their timetables, whatever the number of pipelines.
/// </summary>
/// <param name="pieces">The number of pieces of each pipeline.</param>
internal ref struct Timetable(int pieces)
{
    private const int Period = 2;
    private const int MaxLines = 4;

    private Lines _lines;
    private int _count;

    /// <summary>The number of steps of all pipelines.</summary>
    public readonly int StepCount => Before(int.MaxValue / 2);

    /// <summary>Adds a pipeline, the next in number.</summary>
    public void Add(int start, int stepsPerPiece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_count, MaxLines, nameof(start));
        _lines[_count++] = (start, stepsPerPiece);
    }

    /// <summary>The step with an index: of which pipeline and piece, and which of the steps for that piece.</summary>
    public readonly (int Line, int Piece, int Step) Find(int index)
    {
        int low = 0;
        int high = int.MaxValue / 2;
        while (high - low > 1)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = Before(middle) <= index ? (middle, high) : (low, middle);
        }

        int step = index - Before(low);
        for (int line = 0; line < _count; line++)
        {
            (int start, int steps) = _lines[line];
            bool isDue = low >= start && (low - start) % Period == 0 && (low - start) / Period < pieces;
            if (isDue && step < steps)
            {
                return (line, (low - start) / Period, step);
            }

            step -= isDue ? steps : 0;
        }

        throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {StepCount} steps.");
    }

    /// <summary>The number of steps before a time.</summary>
    private readonly int Before(int time)
    {
        int count = 0;
        for (int line = 0; line < _count; line++)
        {
            (int start, int steps) = _lines[line];
            count += time <= start ? 0 : steps * Math.Min(pieces, (time - start + Period - 1) / Period);
        }

        return count;
    }

    [System.Runtime.CompilerServices.InlineArray(MaxLines)]
    private struct Lines
    {
        private (int Start, int StepsPerPiece) _first;
    }
}
