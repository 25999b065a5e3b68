namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>A host that could not be examined.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Reason">In ssh's own words, where it has said any.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record RemoteFailure(string Host, string Reason, string Remedy)
{
    /// <summary>For standard error.</summary>
    public string Line => $"Host {Host} was not examined: {Reason}. {Remedy}";

    public Finding ToFinding() => Finding.Problem($"Host {Host} was not examined: {Reason}.", $"ssh {Host}", Remedy) with { Check = "hosts" };
}
