namespace RdmaCollectives.Verbs;

/// <summary>GID types in the field's words.</summary>
public static class GidTypeExtensions
{
    /// <summary>For instance <c>RoCE v2</c>.</summary>
    public static string Describe(this GidType type) => type switch
    {
        GidType.InfiniBand => "IB",
        GidType.RoceV1 => "RoCE v1",
        GidType.RoceV2 => "RoCE v2",
        _ => "unknown type",
    };
}
