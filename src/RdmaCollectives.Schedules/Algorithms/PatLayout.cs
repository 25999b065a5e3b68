using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// How parallel aggregated trees (PAT) divide the ways of the blocks into messages, and where in scratch memory the blocks lie so that each message is one range.
/// </summary>
/// <remarks>
/// <para>A block goes from its rank b to all others as in a binomial tree, the longest distance first. Where it is at rank b + o, o is its offset; all ranks do the same at the same time, so a rank has one block of every offset, and
/// blocks of different offsets can share a message. Written o = m * <see cref="Stride"/> + x, all offsets with the same x are a group, and its members m go together:</para>
/// <code>
/// first    member 0 of group 0, the own block, becomes all of group 0: distances h * Stride, h a power of two, the longest first
/// then     group x comes from group x - (lowest one of x) over that distance: whole groups, x = 1, 2, ...
/// </code>
/// <para>The stride is the least power of two for which a group has no more than <see cref="Aggregation"/> members: with so many ranks or fewer there is one group.</para>
/// <para>Group 0 grows from member 0 to both sides. The members that go over a distance are all that a rank has, but perhaps the last one, whose image would lie behind the last rank. The layout keeps the member
/// of the highest number at the right end: where it goes too, the images are put to the right, else to the left. So what is sent is a range that begins at the left end. The other groups lie like group 0; the highest member is
/// missing in those that have one less.</para>
/// </remarks>
internal readonly struct PatLayout
{
    /// <summary>The most members of a group, and so the most blocks of a message.</summary>
    public const int Aggregation = 16;

    private readonly int _ranks;
    private readonly int _fullMembers; // of every group; the first groups have one more
    private readonly int _moreMembers; // so many of them
    private readonly int _leftEnd; // of group 0, counted from member 0

    /// <summary>The layout for a number of ranks, 2 and up.</summary>
    public PatLayout(int ranks)
    {
        _ranks = ranks;
        Stride = (int)BitOperations.RoundUpToPowerOf2((uint)((ranks + Aggregation - 1) / Aggregation));
        _fullMembers = ranks / Stride;
        _moreMembers = ranks % Stride;
        FarMessages = Doubling.Count(Members(0));
        _leftEnd = Left(0);
    }

    /// <summary>The number of groups, a power of two: the ranks between neighbouring members of a group.</summary>
    public int Stride { get; }

    /// <summary>How many messages make group 0 complete, each over a distance of its own.</summary>
    public int FarMessages { get; }

    /// <summary>All messages of a rank: those of group 0, and one for every other group.</summary>
    public int Messages => FarMessages + Stride - 1;

    /// <summary>The most blocks of a message: a whole group, or half of the only one.</summary>
    public int GreatestMessage => Stride == 1 ? _ranks / 2 : Members(1);

    /// <summary>The members of a group.</summary>
    public int Members(int group) => _fullMembers + (group < _moreMembers ? 1 : 0);

    /// <summary>
    /// What a rank does as its <paramref name="index"/>-th step with a message, of 2 <see cref="Messages"/>, in an all-gather. A reduce-scatter is the same backwards in time: from the last step to the first, receiving what is sent
    /// here and sending what is received.
    /// </summary>
    /// <remarks>Groups 2b+1 and 2b+2 come from groups below, and over different distances: neither waits for the other, so both are sent before the first is received.</remarks>
    public (PatMessage Message, bool IsSend) Turn(int index)
    {
        int near = index - (2 * FarMessages);
        int pairs = (Stride - 1) / 2;
        return near >= 0 && near < 4 * pairs
            ? (Message(FarMessages + (near / 4 * 2) + (near % 2)), near % 4 < 2)
            : (Message(index / 2), index % 2 == 0);
    }

    /// <summary>The messages in the order in which they are sent.</summary>
    private PatMessage Message(int index)
    {
        if (index < FarMessages)
        {
            int member = 1 << (FarMessages - 1 - index);
            int left = Left(member);
            return new PatMessage(member * Stride, left, left + Shift(member), Math.Abs(Shift(member)));
        }

        int group = index - FarMessages + 1;
        int distance = group & -group;
        return new PatMessage(distance, Start(group - distance), Start(group), Members(group));
    }

    /// <summary>Where the block of an offset lies in scratch memory, counted from where the own block does, which is offset 0; may be negative.</summary>
    public int PlaceOf(int offset)
    {
        int member = offset / Stride;
        int group = offset % Stride;
        int place = Start(group) - _leftEnd;
        for (int bit = 1; bit <= member; bit *= 2)
        {
            place += (member & bit) == 0 ? 0 : Shift(bit);
        }

        return place;
    }

    /// <summary>The chunk of a place, for a rank: the own block lies under the rank's own number.</summary>
    public int Chunk(int rank, int place)
    {
        int chunk = rank + place;
        return chunk < 0 ? chunk + _ranks : chunk >= _ranks ? chunk - _ranks : chunk;
    }

    /// <summary>The left end of a group.</summary>
    private int Start(int group) => _leftEnd + (group * _fullMembers) + Math.Min(group, _moreMembers);

    /// <summary>How far from a member its image over a distance lies: there are as many images as members sent. To the right where all members go, to the left where the last one does not.</summary>
    private int Shift(int distance)
    {
        int multiples = (Members(0) + distance - 1) / distance; // of the distance among the members; the even ones are there, the odd ones are their images
        return multiples % 2 == 0 ? multiples / 2 : -(multiples / 2);
    }

    /// <summary>The left end of group 0 before the messages over a distance; 0 stands for the end.</summary>
    private int Left(int distance)
    {
        int left = 0;
        for (int longer = 1 << FarMessages >> 1; longer > distance; longer /= 2)
        {
            left += Math.Min(0, Shift(longer));
        }

        return left;
    }
}
