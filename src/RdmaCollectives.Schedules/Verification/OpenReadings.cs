namespace RdmaCollectives.Schedules.Verification;

/// <summary>The ranges of one lane that messages in flight were sent from. Most schedules have few at a time, so that a list serves better than a count per chunk.</summary>
internal sealed class OpenReadings
{
    private ChunkRange[] _ranges = new ChunkRange[2];
    private int[] _messages = new int[2];
    private int[] _free = new int[2];
    private int _freeCount;
    private int _used;
    private int _latest;

    /// <summary>Notes that a message was sent from a range; returns the number of the note. Messages that follow each other from one range share one.</summary>
    public int Open(in ChunkRange range)
    {
        if (_messages[_latest] > 0 && _ranges[_latest] == range)
        {
            _messages[_latest]++;
            return _latest;
        }

        int note = _freeCount > 0 ? _free[--_freeCount] : _used++;
        if (note == _ranges.Length)
        {
            Array.Resize(ref _ranges, 2 * note);
            Array.Resize(ref _messages, 2 * note);
            Array.Resize(ref _free, 2 * note);
        }

        _ranges[note] = range;
        _messages[note] = 1;
        _latest = note;
        return note;
    }

    /// <summary>A message of the note was taken.</summary>
    public void Close(int note)
    {
        if (--_messages[note] > 0)
        {
            return;
        }

        _free[_freeCount++] = note;
        if (_freeCount == _used)
        {
            _freeCount = 0;
            _used = 0;
        }
    }

    /// <summary>Whether any chunk of a range is being read.</summary>
    public bool Overlap(in ChunkRange range, int chunks)
    {
        for (int note = 0; note < _used; note++)
        {
            if (_messages[note] > 0 && _ranges[note].Overlaps(range, chunks))
            {
                return true;
            }
        }

        return false;
    }
}
