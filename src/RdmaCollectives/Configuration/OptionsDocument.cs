using System.Globalization;
using System.Text;

namespace RdmaCollectives.Configuration;

/// <summary>The table in docs/configuration.md, from the <see cref="OptionTable"/>; a test compares the two.</summary>
internal static class OptionsDocument
{
    public static string Table()
    {
        var table = new StringBuilder("| Property | Variable | Meaning | Allowed | Default |\n|---|---|---|---|---|\n");
        foreach (OptionDefinition option in OptionTable.All)
        {
            string variables = option.LauncherVariables is null ? $"`{option.Variable}`" : $"`{option.Variable}`, else {option.LauncherVariables}";
            table.Append(CultureInfo.InvariantCulture, $"| `{option.Name}` | {variables} | {option.Description} | {option.Allowed} | {(option.DefaultText.Length == 0 ? "empty" : option.DefaultText)} |\n");
        }

        return table.ToString();
    }
}
