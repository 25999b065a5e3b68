using System.Globalization;

namespace RdmaCollectives.Schedules.Drawing;

/// <summary>The words in a step's box.</summary>
internal sealed class StepWords(CollectiveKind collective, int chunks, int pieces)
{
    private const int NamesShown = 5;

    /// <summary>What the pale and the solid boxes are.</summary>
    public (string Pale, string Solid) Legend =>
        collective == CollectiveKind.Barrier ? ("the ranks that it has heard of", "it has heard of all")
        : collective.IsReducing() ? ("partial result, with the ranks in it", "complete result")
        : ("on its way", "in its place");

    /// <summary>Where: the chunks, or the places in scratch memory.</summary>
    public string Places(TracedStep step)
    {
        List<int> places = step.Places;
        bool isScratch = step.Buffer == StepBuffer.Scratch && collective != CollectiveKind.Barrier;
        string noun = isScratch ? "scratch" : places.Count == 1 ? "chunk" : "chunks";
        bool isRange = Enumerable.Range(1, places.Count - 1).All(i => places[i] % chunks == (places[i - 1] + 1) % chunks);
        return places.Count == 1 ? Text($"{noun} {places[0]}")
            : isRange ? Text($"{noun} {places[0]}–{places[^1]}")
            : places.Count <= NamesShown ? $"{noun} {List(places)}"
            : Text($"{noun} {places[0]} … {places[^1]}");
    }

    /// <summary>What: the ranks in a result, or whose blocks they are.</summary>
    public string Contents(TracedStep step)
    {
        List<TracedValue> values = step.Values;
        return collective switch
        {
            CollectiveKind.AllToAll => Short([.. values.Select(value => Text($"{value.Ranks[0]}→{value.Chunk / pieces}")).Distinct(StringComparer.Ordinal)]),
            CollectiveKind.Scatter => Of("for", [.. values.Select(value => value.Chunk / pieces).Distinct()]),
            CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.Broadcast => Of("of", [.. values.Select(static value => value.Ranks[0]).Distinct()]),
            _ => Sum(step),
        };
    }

    /// <summary>What the step does.</summary>
    public static string Action(Step step) => step.Kind switch
    {
        StepKind.Send => "send",
        StepKind.Receive => "store",
        StepKind.ReceiveReduce => "reduce, store",
        StepKind.ReceiveReduceSend => "reduce, send",
        StepKind.ReceiveReduceCopySend => "reduce, store, send",
        StepKind.ReceiveCopySend => "store, send",
        StepKind.Copy => "copy",
        _ => "reduce own",
    };

    private static string Sum(TracedStep step)
    {
        IReadOnlyList<int> ranks = step.Values[0].Ranks;
        return step.IsComplete ? "all ranks"
            : !step.Values.TrueForAll(value => value.Ranks.SequenceEqual(ranks)) ? Text($"of {ranks.Count} ranks each")
            : ranks.Count == 1 ? Text($"rank {ranks[0]}")
            : ranks.Count <= NamesShown ? string.Join(" + ", ranks)
            : Text($"{ranks[0]} + … + {ranks[^1]}");
    }

    private static string Of(string word, List<int> ranks) =>
        ranks.Count == 1 ? Text($"{word} rank {ranks[0]}")
        : ranks.Count <= NamesShown ? $"{word} {List(ranks)}"
        : Text($"{word} {ranks[0]}, {ranks[1]} … {ranks[^1]}");

    private static string Short(List<string> names) => names.Count <= 4 ? string.Join(' ', names) : $"{names[0]} {names[1]} … {names[^1]}";

    private static string List(List<int> numbers) => string.Join(", ", numbers.Select(static number => number.ToString(CultureInfo.InvariantCulture)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
