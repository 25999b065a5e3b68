namespace RdmaCollectives.Tool.Launching;

/// <summary>Which processors the launcher lets a rank run on.</summary>
internal enum BindMode
{
    /// <summary>Those of the launcher.</summary>
    None,

    /// <summary>One, another one for each rank.</summary>
    Core,

    /// <summary>An equal share of them, neighbours by number, another one for each rank.</summary>
    Share,
}
