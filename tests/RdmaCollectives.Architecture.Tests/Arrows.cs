namespace RdmaCollectives.Architecture.Tests;

/// <summary>
/// The allowed arrows, read from the fenced block <c>arrows</c> of docs/architecture.md. A line is <c>layer -> layer layer</c>, where a layer is a
/// namespace below RdmaCollectives with all that is in it, <c>face</c> for the root namespace itself, or a name for some types: <c>name = type type</c>.
/// A type belongs to the name that lists it, else to the longest namespace that fits. Arrows point to lines further down.
/// </summary>
internal sealed class Arrows
{
    private const string Root = "RdmaCollectives", Face = "face";

    private readonly List<string> order = [];
    private readonly Dictionary<string, HashSet<string>> allowed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> named = new(StringComparer.Ordinal);

    public static Arrows Parse(string markdown)
    {
        var arrows = new Arrows();
        var lines = markdown.Split('\n').Select(line => line.Trim()).ToList();
        var first = lines.IndexOf("```arrows");
        Assert.True(first >= 0, "docs/architecture.md has no fenced block ```arrows");
        foreach (var line in lines.Skip(first + 1).TakeWhile(line => line != "```").Where(line => line.Length > 0))
        {
            if (line.Split(" = ") is [var name, var types])
            {
                foreach (var type in Words(types))
                    arrows.named.Add($"{Root}.{type}", name);
            }
            else
            {
                var sides = line.Split("->");
                arrows.order.Add(sides[0].Trim());
                arrows.allowed.Add(sides[0].Trim(), [.. sides.Length > 1 ? Words(sides[1]) : []]);
            }
        }

        return arrows;
    }

    /// <summary>Targets that are no layer of the table, or stand above the layer that points to them.</summary>
    public IEnumerable<string> Mistakes =>
        from layer in order
        from target in allowed[layer]
        where order.IndexOf(target) <= order.IndexOf(layer)
        select order.Contains(target, StringComparer.Ordinal) ? $"{layer} -> {target} points up" : $"{layer} -> {target}: no such layer";

    /// <summary>The types that a name lists.</summary>
    public IEnumerable<string> NamedTypes => named.Keys;

    public string? LayerOf(string type) =>
        named.TryGetValue(type, out var name)
            ? name
            : order.Where(layer => type.StartsWith($"{NamespaceOf(layer)}.", StringComparison.Ordinal)).MaxBy(layer => NamespaceOf(layer).Length);

    /// <summary>Each use that no arrow allows, with both types.</summary>
    public IEnumerable<string> Violations(IEnumerable<(string User, string Used)> uses)
    {
        var violations = from use in uses
                         let user = LayerOf(use.User)
                         let used = LayerOf(use.Used)
                         where user is not null && used is not null && user != used && !allowed[user].Contains(used)
                         select $"{use.User} uses {use.Used}: no arrow {user} -> {used}";
        return violations.Order(StringComparer.Ordinal);
    }

    private static string NamespaceOf(string layer) => layer == Face ? Root : $"{Root}.{layer}";

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
