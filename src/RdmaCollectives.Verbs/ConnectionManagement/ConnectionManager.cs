using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>Whether connections can be made by IP address through librdmacm, and if not, why.</summary>
public static class ConnectionManager
{
    private static readonly Lazy<string?> LoadFailure = new(() => VerbsLibrary.TryLoad(librdmacm.Library, "librdmacm1 (Debian, Ubuntu), librdmacm (Fedora, RHEL)"));

    /// <summary>True when librdmacm is installed and there is an RDMA device.</summary>
    public static bool IsSupported => NotSupportedReason is null;

    /// <summary>Null when it can be used; else one sentence that says what is missing and what to do.</summary>
    public static string? NotSupportedReason => LoadFailure.Value ?? VerbsLibrary.NotSupportedReason;

    /// <exception cref="PlatformNotSupportedException">It cannot be used here.</exception>
    internal static void ThrowIfNotSupported()
    {
        if (LoadFailure.Value is { } reason)
            throw new PlatformNotSupportedException(reason);
    }
}
