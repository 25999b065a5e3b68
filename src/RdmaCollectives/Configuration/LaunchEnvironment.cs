using System.Globalization;

namespace RdmaCollectives.Configuration;

/// <summary>
/// What other launchers put into the environment: torchrun's variables, which many programs set by hand too. Rank 0 hosts the rendezvous at MASTER_PORT. Under torchrun's
/// own agent (TORCHELASTIC_USE_AGENT_STORE=True) that port is taken by the agent's store, so ours is the next one.
/// </summary>
internal static class LaunchEnvironment
{
    public const string RendezvousOrigin = "MASTER_ADDR and MASTER_PORT";

    public static (string Text, string Origin)? Rank(OptionInputs inputs) => Single(inputs, "RANK");

    public static (string Text, string Origin)? WorldSize(OptionInputs inputs) => Single(inputs, "WORLD_SIZE");

    public static (string Text, string Origin)? LocalRank(OptionInputs inputs) => Single(inputs, "LOCAL_RANK");

    public static (string Text, string Origin)? Rendezvous(OptionInputs inputs)
    {
        if (inputs.Variable("MASTER_ADDR") is not { } host || inputs.Variable("MASTER_PORT") is not { } port)
        {
            return null;
        }

        bool agentHoldsPort = string.Equals(inputs.Variable("TORCHELASTIC_USE_AGENT_STORE"), "True", StringComparison.OrdinalIgnoreCase);
        if (agentHoldsPort && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            port = (number + 1).ToString(CultureInfo.InvariantCulture);
        }

        return (host.Contains(':') && host[0] != '[' ? $"[{host}]:{port}" : $"{host}:{port}", RendezvousOrigin);
    }

    private static (string Text, string Origin)? Single(OptionInputs inputs, string name) => inputs.Variable(name) is { } text ? (text, name) : null;
}
