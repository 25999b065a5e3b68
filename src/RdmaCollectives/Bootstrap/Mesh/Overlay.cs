namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// Which ranks hold connections to each other, and which way a frame goes where two have none: the ranks on a circle, each with neighbours at distances of powers of two in both directions; all pairs up to
/// <see cref="AllPairsUpTo"/> ranks. Where ranks die or leave, those beside the gap connect to each other, so the circle of those that are left stays closed, and everybody in reach. Pure: who is gone is asked for.
/// </summary>
internal sealed class Overlay
{
    public const int AllPairsUpTo = 64;

    private readonly int _rank;
    private readonly int _size;

    public Overlay(int rank, int size)
    {
        _rank = rank;
        _size = size;
        IsAllPairs = size <= AllPairsUpTo;
        var neighbours = new SortedSet<int>();
        for (int distance = 1; distance < size; distance = IsAllPairs ? distance + 1 : distance * 2)
        {
            neighbours.Add((rank + distance) % size);
            neighbours.Add((rank + size - distance) % size);
        }

        Neighbours = neighbours;
    }

    public bool IsAllPairs { get; }

    public bool IsNeighbour(int other) => Neighbours.Contains(other);

    /// <summary>Whom this rank connects to at the start, in ascending order. Being neighbours is mutual.</summary>
    public IReadOnlySet<int> Neighbours { get; }

    /// <summary>The next ranks in both directions that are not gone: this rank must hold connections to them. The same one twice, or none, where hardly anybody is left.</summary>
    public IEnumerable<int> Beside(Func<int, bool> isGone)
    {
        foreach (int step in (int[])[1, _size - 1])
        {
            for (int other = (_rank + step) % _size; other != _rank; other = (other + step) % _size)
            {
                if (!isGone(other))
                {
                    yield return other;
                    break;
                }
            }
        }
    }

    /// <summary>
    /// Of the ranks that this one is connected to, the one to hand a frame for <paramref name="destination"/> to: the nearest to it, if it is nearer than this rank. -1 where there is none. Nearer with every
    /// hop, so a frame never goes in circles.
    /// </summary>
    public int NextHop(int destination, IEnumerable<int> connected)
    {
        int best = -1;
        int nearest = Distance(_rank, destination);
        foreach (int neighbour in connected)
        {
            int distance = Distance(neighbour, destination);
            if (distance < nearest)
            {
                nearest = distance;
                best = neighbour;
            }
        }

        return best;
    }

    /// <summary>
    /// Whom this rank hands a frame on to that goes down the tree of <paramref name="root"/>: a binomial tree, so that its depth is the logarithm of the size and its edges are between neighbours.
    /// </summary>
    public IEnumerable<int> Children(int root)
    {
        int place = Place(_rank, root);
        for (int distance = 1; place + distance < _size && (place & distance) == 0; distance *= 2)
        {
            yield return (_rank + distance) % _size;
        }
    }

    /// <summary>All below <paramref name="child"/> in the tree of <paramref name="root"/>, without itself: who gets nothing from it when it is gone.</summary>
    public IEnumerable<int> Below(int child, int root)
    {
        int place = Place(child, root);
        int end = Math.Min(_size, place + (place & -place));
        for (int below = place + 1; below < end; below++)
        {
            yield return (root + below) % _size;
        }
    }

    private int Place(int rank, int root) => (rank + _size - root) % _size;

    private int Distance(int from, int to)
    {
        int clockwise = Place(to, from);
        return Math.Min(clockwise, _size - clockwise);
    }
}
