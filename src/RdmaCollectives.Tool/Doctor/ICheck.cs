namespace RdmaCollectives.Tool.Doctor;

/// <summary>One thing to look at on a host. It reads, and changes nothing.</summary>
internal interface ICheck
{
    /// <summary>What <c>--only</c> and <c>--skip</c> call it.</summary>
    string Name { get; }

    /// <summary>What it looks at, as <c>--list</c> and docs/doctor.md say it.</summary>
    string Summary { get; }

    /// <summary>At least one finding; an <see cref="Severity.Ok"/> where nothing is wrong. What can't be read is no error: it is left out, or told as a note.</summary>
    IEnumerable<Finding> Examine(HostView host);
}
