using RdmaCollectives.Schedules.Algorithms;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>The layout of parallel aggregated trees by itself, for every number of ranks up to a thousand.</summary>
public sealed class PatLayoutTests
{
    private const int MostRanks = 1_000;

    [Fact]
    public void PlaceOf_EveryOffset_HasAChunkOfItsOwn()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            var layout = new PatLayout(n);
            var taken = new bool[n];
            for (int offset = 0; offset < n; offset++)
            {
                int chunk = layout.Chunk(rank: n / 3, layout.PlaceOf(offset));
                Assert.False(taken[chunk], $"{n} ranks, offset {offset}");
                taken[chunk] = true;
            }

            Assert.Equal(0, layout.PlaceOf(0));
        }
    }

    [Fact]
    public void Turn_EveryMessage_CarriesBlocksToWhereTheirOffsetsLie()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            var layout = new PatLayout(n);
            int[] offsetAt = new int[n];
            for (int offset = 0; offset < n; offset++)
            {
                offsetAt[layout.Chunk(0, layout.PlaceOf(offset))] = offset;
            }

            int carried = 0;
            for (int index = 0; index < 2 * layout.Messages; index++)
            {
                (PatMessage message, bool isSend) = layout.Turn(index);
                for (int i = 0; isSend && i < message.Count; i++, carried++)
                {
                    int from = offsetAt[layout.Chunk(0, message.From + i)];
                    int to = offsetAt[layout.Chunk(0, message.To + i)];
                    Assert.True(from + message.Distance == to, $"{n} ranks, step {index}: {message} takes offset {from} to {to}");
                }
            }

            Assert.Equal(n - 1, carried);
        }
    }

    [Fact]
    public void Turn_EveryMessage_HasNoMoreBlocksThanAGroup()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            var layout = new PatLayout(n);
            int[] counts = [.. Enumerable.Range(0, 2 * layout.Messages).Select(index => layout.Turn(index).Message.Count)];

            Assert.Equal(layout.GreatestMessage, counts.Max());
            Assert.InRange(counts.Max(), 1, PatLayout.Aggregation);
        }
    }

    [Fact]
    public void Turn_Distances_CarryTheFewerBlocksTheLongerTheyAre()
    {
        for (int n = 2; n <= MostRanks; n++)
        {
            var layout = new PatLayout(n);
            var blocks = new SortedDictionary<int, int>();
            for (int index = 0; index < 2 * layout.Messages; index++)
            {
                (PatMessage message, bool isSend) = layout.Turn(index);
                blocks[message.Distance] = blocks.GetValueOrDefault(message.Distance) + (isSend ? message.Count : 0);
            }

            // Over a distance go the offsets that have its bit as their lowest one.
            Assert.All(blocks, pair => Assert.True(pair.Value == ((n - 1) / pair.Key) - ((n - 1) / (2 * pair.Key)), $"{n} ranks, distance {pair.Key}: {pair.Value} blocks"));
        }
    }
}
