namespace RdmaCollectives.Schedules.Verification;

/// <summary>The ranges of one lane that messages in flight were sent from. Most schedules have few at a time, so that a list serves better than a count per chunk.</summary>
internal sealed class OpenReadings
{
    private const int None = -1;

    private Note[] _notes = new Note[2];
    private int _used;
    private int _free = None;
    private int _open;
    private int _latest;

    /// <summary>Notes that a message was sent from a range; returns the number of the note. Messages that follow each other from one range share one.</summary>
    public int Open(in ChunkRange range)
    {
        if (_notes[_latest].Messages > 0 && _notes[_latest].Range == range)
        {
            _notes[_latest].Messages++;
            return _latest;
        }

        int number = _free;
        if (number != None)
        {
            _free = _notes[number].Next;
        }
        else
        {
            number = _used++;
            if (number == _notes.Length)
            {
                Array.Resize(ref _notes, 2 * number);
            }
        }

        _notes[number] = new Note { Range = range, Messages = 1 };
        _latest = number;
        _open++;
        return number;
    }

    /// <summary>A message of the note was taken.</summary>
    public void Close(int note)
    {
        if (--_notes[note].Messages > 0)
        {
            return;
        }

        _notes[note].Next = _free;
        _free = note;
        if (--_open == 0)
        {
            _free = None;
            _used = 0;
        }
    }

    /// <summary>Whether any chunk of a range is being read.</summary>
    public bool Overlap(in ChunkRange range, int chunks)
    {
        for (int number = 0; number < _used; number++)
        {
            if (_notes[number].Messages > 0 && _notes[number].Range.Overlaps(range, chunks))
            {
                return true;
            }
        }

        return false;
    }

    private struct Note
    {
        public ChunkRange Range;

        /// <summary>The messages in flight; none in a note that is free.</summary>
        public int Messages;

        /// <summary>Of a free note the next free one.</summary>
        public int Next;
    }
}
