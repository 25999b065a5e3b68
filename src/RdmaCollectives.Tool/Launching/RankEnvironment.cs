using System.Globalization;

namespace RdmaCollectives.Tool.Launching;

/// <summary>What the launcher sets in the environment of a rank.</summary>
internal static class RankEnvironment
{
    public static Dictionary<string, string?> Of(int rank, JobOptions options, RendezvousServer rendezvous)
    {
        Dictionary<string, string?> variables = new(StringComparer.Ordinal)
        {
            // The job has a secret of its own, and a file would go before it.
            ["RDMACC_SECRET_FILE"] = null,

            // torchrun's names, which many programs read.
            ["RANK"] = Text(rank),
            ["WORLD_SIZE"] = Text(options.Ranks),
            ["LOCAL_RANK"] = Text(options.HostIdPerRank ? 0 : rank),
            ["LOCAL_WORLD_SIZE"] = Text(options.HostIdPerRank ? 1 : options.Ranks),
        };
        foreach ((string name, string value) in rendezvous.GetEnvironment(rank))
        {
            variables[name] = value;
        }

        if (options.Transports is not null)
        {
            variables["RDMACC_TRANSPORTS"] = options.Transports;
        }

        if (options.HostIdPerRank)
        {
            variables["RDMACC_HOST_ID"] = $"host-{Text(rank)}";
        }

        foreach ((string name, string value) in options.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    /// <summary>Of a process that is started in place of one that failed: no rank, which it gets when it is taken in.</summary>
    /// <param name="number">The number in front of its lines, from <see cref="JobOptions.Ranks"/> on.</param>
    /// <param name="options">As of the ranks.</param>
    /// <param name="rendezvous">Where it waits.</param>
    public static Dictionary<string, string?> OfNewcomer(int number, JobOptions options, RendezvousServer rendezvous)
    {
        Dictionary<string, string?> variables = Of(0, options, rendezvous);
        foreach (string name in (string[])["RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "RDMACC_RANK", "RDMACC_WORLD_SIZE"])
        {
            variables[name] = null;
        }

        variables["RDMACC_NEWCOMER"] = "1";
        if (options.HostIdPerRank)
        {
            variables["RDMACC_HOST_ID"] = $"host-{Text(number)}";
        }

        return variables;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
