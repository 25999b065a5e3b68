namespace RdmaCollectives.Tool.Doctor;

/// <summary>An option of the library as it stands for a program that is started here.</summary>
/// <param name="Variable">Its environment variable.</param>
/// <param name="Value">Its value.</param>
/// <param name="Origin">Where that comes from.</param>
/// <param name="IsSet">Whether somebody has set it; else it is the default.</param>
/// <param name="Problem">What is wrong with it, or null.</param>
internal sealed record Setting(string Variable, string Value, string Origin, bool IsSet, string? Problem = null);
