using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>Whether RDMA can be used in this process, and if not, why. Looking costs nothing and never throws.</summary>
public static class VerbsLibrary
{
    // A path of the C library's loader is tried once; a library that is installed later is seen by the next process.
    private static readonly Lazy<string?> LoadFailure = new(() => TryLoad(libibverbs.Library, "libibverbs1 and ibverbs-providers (Debian, Ubuntu), libibverbs (Fedora, RHEL)"));

    /// <summary>True when libibverbs is installed and this process sees at least one RDMA device.</summary>
    public static bool IsSupported => NotSupportedReason is null;

    /// <summary>Null when RDMA can be used; else one sentence that says what is missing and what to do. Devices are counted anew at each call.</summary>
    public static string? NotSupportedReason => LoadFailure.Value ?? NoDeviceReason();

    /// <summary>Whether the library itself is there, with or without a device.</summary>
    internal static bool IsLoaded => LoadFailure.Value is null;

    /// <summary>Whether the installed version takes optional access flags (rdma-core 28).</summary>
    internal static bool HasRelaxedOrdering { get; } = HasSymbol("ibv_reg_mr_iova2");

    /// <summary>Whether the installed version registers dmabufs (rdma-core 34).</summary>
    internal static bool HasDmaBuf { get; } = HasSymbol("ibv_reg_dmabuf_mr");

    /// <summary>Whether the installed version gives a device's GID table in one call (rdma-core 33).</summary>
    internal static bool HasGidTable { get; } = HasSymbol("_ibv_query_gid_table");

    /// <summary>Null when <paramref name="soname"/> can be loaded, else the reason, naming the packages that hold it.</summary>
    internal static string? TryLoad(string soname, string packages)
    {
        if (!OperatingSystem.IsLinux())
            return $"RDMA verbs exist on Linux only; this is {RuntimeInformation.OSDescription}.";
        if (!Environment.Is64BitProcess)
            return "the native structs are declared for 64-bit processes only, and this one is of 32 bits.";
        // The handle is kept for the life of the process, as a [LibraryImport] would.
        return NativeLibrary.TryLoad(soname, out _) ? null : $"{soname} is not installed: install {packages}.";
    }

    private static bool HasSymbol(string name) => NativeLibrary.TryLoad(libibverbs.Library, out nint library) && NativeLibrary.TryGetExport(library, name, out _);

    private static string? NoDeviceReason()
    {
        try
        {
            return RdmaDevice.GetDevices().Count > 0
                ? null
                : "no RDMA device: rdma-core is installed, but /sys/class/infiniband is empty. Load the driver of the adapter, " +
                  "or for a software device: modprobe rdma_rxe; rdma link add rxe0 type rxe netdev <interface>. In a container, pass /dev/infiniband with --device.";
        }
        catch (VerbsException e)
        {
            return e.Message;
        }
    }
}
