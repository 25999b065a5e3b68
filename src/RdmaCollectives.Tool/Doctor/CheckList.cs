using RdmaCollectives.Tool.Doctor.Checks;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>Every check of a host, in the order of the report.</summary>
internal static class CheckList
{
    public static IReadOnlyList<ICheck> All { get; } =
    [
        new ConfigurationCheck(),
        new SharedMemoryCheck(),
        new FutexCheck(),
        new ProcessAccessCheck(),
        new OpenFilesCheck(),
        new CpuQuotaCheck(),
        new CpuGovernorCheck(),
        new ClockCheck(),
        new HugePagesCheck(),
        new NumaCheck(),
        new InterfacesCheck(),
        new TcpBuffersCheck(),
        new RdmaDevicesCheck(),
        new RdmaPortsCheck(),
        new GidsCheck(),
        new RdmaMtuCheck(),
        new LockedMemoryCheck(),
        new FlowControlCheck(),
        new PcieCheck(),
        new IommuCheck(),
        new AcsCheck(),
        new GpuMemoryCheck(),
    ];
}
