using System.Diagnostics.CodeAnalysis;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>The set of lanes that may be able to go on, handed out in a <see cref="RunOrder"/>. A lane is in it once at most.</summary>
internal sealed class ReadyLanes
{
    private readonly RunOrder _order;
    private readonly Random _random;
    private readonly bool[] _contains;
    private readonly int[] _ring; // as a queue from _head, else as a stack; never more than one entry a lane
    private int _head;
    private int _count;

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "The seed makes a run repeat; nothing is secret.")]
    public ReadyLanes(int lanes, RunOrder order, int seed)
    {
        _order = order;
        _random = new Random(seed);
        _contains = new bool[lanes];
        _ring = new int[lanes];
    }

    /// <summary>Whether a lane that was taken is to take one step only.</summary>
    public bool OneStepAtATime => _order == RunOrder.Random;

    public void Add(int lane)
    {
        if (_contains[lane])
        {
            return;
        }

        _contains[lane] = true;
        _ring[Wrap(_head + _count)] = lane;
        _count++;
    }

    public bool TryTake(out int lane)
    {
        lane = -1;
        if (_count == 0)
        {
            return false;
        }

        if (_order == RunOrder.Random)
        {
            int chosen = Wrap(_head + _random.Next(_count));
            (_ring[_head], _ring[chosen]) = (_ring[chosen], _ring[_head]);
        }

        lane = _ring[_order == RunOrder.NewestFirst ? Wrap(_head + _count - 1) : _head];
        _head = _order == RunOrder.NewestFirst ? _head : Wrap(_head + 1);
        _count--;
        _contains[lane] = false;
        return true;
    }

    private int Wrap(int index) => index < _ring.Length ? index : index - _ring.Length;
}
