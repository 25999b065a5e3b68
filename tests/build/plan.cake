// The plan of the test run, read from tests/suites.json.
using System.Text.Json;

/// <summary>One line of the plan; the fields are explained in tests/suites.json.</summary>
public sealed record Suite
{
    public string Name { get; init; }
    public string Project { get; init; }
    public string Command { get; init; }
    public string Args { get; init; } = "";
    public string Where { get; init; }
    public string Budget { get; init; }
    public int Limit { get; init; }
    public int Hosts { get; init; } = 1;
    public int Rails { get; init; } = 1;
    public bool Trx { get; init; }
    public Dictionary<string, string> Env { get; init; } = new();

    public bool OnSoftRoce => Where == "softroce";

    /// <summary>Is it a test project that runs on the Soft-RoCE machine, and so has to be compiled ahead of time?</summary>
    public bool IsSoftRoceProgram => OnSoftRoce && Project is not null;

    /// <summary>Results come from a TRX file; else from the closing line of the output.</summary>
    public bool HasTrx => Trx || Project is not null;

    /// <summary>Its name in paths.</summary>
    public string FileName => string.Concat(Name.Select(c => char.IsLetterOrDigit(c) || c == '-' ? c : '-'));

    public string Fault(IReadOnlyDictionary<string, int> budgets) =>
        string.IsNullOrWhiteSpace(Name) ? "has no name"
        : (Project is null) == (Command is null) ? "needs a project or a command, and not both"
        : Where is not ("host" or "softroce") ? $"has where '{Where}', which is neither host nor softroce"
        : Limit <= 0 ? "needs a limit in seconds"
        : Budget is null || !budgets.ContainsKey(Budget) ? $"has budget '{Budget}'; there are: {string.Join(", ", budgets.Keys)}"
        : null;
}

/// <summary>Neighbouring suites that run on the same machine: this host, or one boot of a Soft-RoCE machine.</summary>
public sealed record Machine(bool OnSoftRoce, int Hosts, int Rails, IReadOnlyList<Suite> Suites);

public sealed class TestPlan
{
    public Dictionary<string, int> Budgets { get; init; }
    public List<Suite> Suites { get; init; }

    public static TestPlan Load(string path, string only)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNameCaseInsensitive = true,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        };
        var plan = JsonSerializer.Deserialize<TestPlan>(System.IO.File.ReadAllText(path), options);
        foreach (var suite in plan.Suites)
        {
            if (suite.Fault(plan.Budgets) is { } fault)
                throw new CakeException($"{path}: suite '{suite.Name}' {fault}");
            if (plan.Suites.Count(other => other.FileName == suite.FileName) > 1)
                throw new CakeException($"{path}: suite '{suite.Name}' is there twice");
        }

        if (only.Length == 0)
            return plan;
        var chosen = plan.Suites.Where(suite => suite.Name.Equals(only, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0)
            throw new CakeException($"no suite '{only}' in {path}; there are: {string.Join(", ", plan.Suites.Select(suite => suite.Name))}");
        return new TestPlan { Budgets = plan.Budgets, Suites = chosen };
    }

    /// <summary>The suites in their order, cut where the machine changes.</summary>
    public IEnumerable<Machine> Machines()
    {
        for (var first = 0; first < Suites.Count;)
        {
            var head = Suites[first];
            var same = Suites.Skip(first).TakeWhile(suite => suite.Where == head.Where && suite.Hosts == head.Hosts && suite.Rails == head.Rails).ToList();
            yield return new Machine(head.OnSoftRoce, head.Hosts, head.Rails, same);
            first += same.Count;
        }
    }
}
