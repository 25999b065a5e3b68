namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>Which of one origin's numbered envelopes have come, in bounded memory: all up to a number, and some beyond it.</summary>
internal sealed class SeenNumbers
{
    /// <summary>So many may come before one that was sent earlier; what is still missing then was lost on its way.</summary>
    private const int MostBeyond = 4096;

    private readonly SortedSet<ulong> _beyond = [];
    private ulong _upTo;

    /// <summary>True the first time that a number comes.</summary>
    public bool Add(ulong number)
    {
        if (number <= _upTo || !_beyond.Add(number))
        {
            return false;
        }

        if (_beyond.Count > MostBeyond)
        {
            _upTo = _beyond.Min - 1;
        }

        while (_beyond.Count > 0 && _beyond.Min == _upTo + 1)
        {
            _beyond.Remove(++_upTo);
        }

        return true;
    }
}
