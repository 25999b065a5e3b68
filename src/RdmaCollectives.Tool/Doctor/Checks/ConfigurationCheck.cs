using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The options of the library as they stand here.</summary>
internal sealed class ConfigurationCheck : ICheck
{
    public string Name => "configuration";

    public string Summary => "the options of the library are valid";

    public IEnumerable<Finding> Examine(HostView host)
    {
        Setting[] wrong = [.. host.Probe.Settings.Where(setting => setting.Problem is not null)];
        int set = host.Probe.Settings.Count(setting => setting.IsSet);
        return wrong.Length > 0
            ? wrong.Select(setting => Finding.Problem(setting.Problem!, $"rdmacc config: {setting.Variable}, from {setting.Origin}", $"Correct {setting.Variable}, or unset it; 'rdmacc config' shows what is allowed."))
            : [Finding.Ok(string.Create(CultureInfo.InvariantCulture, $"All options are valid; {set} of {host.Probe.Settings.Count} are set."), "rdmacc config")];
    }
}
