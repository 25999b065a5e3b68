using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Tool.Doctor.Interop;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>This machine, asked as the library would ask it.</summary>
internal sealed unsafe class MachineProbe : IHostProbe
{
    private const int PageBytes = 4096;

    /// <summary>A network of 32 bits is that of one address: nobody else is in it.</summary>
    private const int MostSharedPrefix = 32;

    /// <summary>dcb and ethtool answer at once, or the driver hangs.</summary>
    private static readonly TimeSpan LongestProgram = TimeSpan.FromSeconds(5);

    public IReadOnlyList<Setting> Settings { get; } =
        [.. new CommunicatorOptions().Describe().Select(option => new Setting(option.Variable, option.Value, option.Origin, option.Source != OptionSource.Default, option.Problem))];

    public string? VerbsProblem => VerbsLibrary.NotSupportedReason;

    /// <summary>rdma-core names the file libibverbs.so.1.14.VERSION: the mapping of the loaded library shows that name.</summary>
    public string? RdmaCoreVersion
    {
        get
        {
            const string file = "/libibverbs.so.1.";
            _ = VerbsLibrary.IsSupported; // loads it, where there is one
            string? path = File.ReadLines("/proc/self/maps").FirstOrDefault(line => line.Contains(file, StringComparison.Ordinal));
            string[] numbers = path?[(path.LastIndexOf(file, StringComparison.Ordinal) + file.Length)..].Split('.', 2) ?? [];
            return numbers.Length == 2 ? numbers[1] : null;
        }
    }

    public string? NetworkOf(string networkInterface)
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == networkInterface)?.GetIPProperties().UnicastAddresses
                .Where(address => address.Address.AddressFamily == AddressFamily.InterNetwork && address.PrefixLength < MostSharedPrefix)
                .Select(address => $"{new IPNetwork(Masked(address.Address, address.PrefixLength), address.PrefixLength)}").FirstOrDefault();
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }

    public (int Active, int Max)? PortMtu(string device, int port)
    {
        if (!VerbsLibrary.IsSupported)
        {
            return null;
        }

        try
        {
            using DeviceContext context = RdmaDevice.Open(device);
            PortAttributes attributes = context.QueryPort(port);
            return (attributes.ActiveMtu.ByteCount(), attributes.MaxMtu.ByteCount());
        }
        catch (VerbsException)
        {
            return null;
        }
    }

    public (long Total, long Free)? SpaceOf(string directory)
    {
        try
        {
            var drive = new DriveInfo(directory);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public string? TryMemfd()
    {
        using var memory = new SafeFileHandle(Libc.memfd_create("rdmacc-doctor", Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING), ownsHandle: true);
        if (memory.IsInvalid)
        {
            return $"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}";
        }

        int descriptor = (int)memory.DangerousGetHandle();
        if (Libc.ftruncate(descriptor, PageBytes) < 0 || Libc.fcntl(descriptor, Libc.F_ADD_SEALS, Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW) < 0)
        {
            return $"memfd, size and seals: {Marshal.GetLastPInvokeErrorMessage()}";
        }

        try
        {
            using FileStream opened = new($"/proc/{Environment.ProcessId}/fd/{descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return opened.Length == PageBytes ? null : $"/proc/{Environment.ProcessId}/fd/{descriptor} has {opened.Length} bytes, expected were {PageBytes}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    public string? TryFutex()
    {
        nint number = Libc.SYS_futex;
        uint word = 0;
        return number < 0 ? $"the number of futex is not known on {RuntimeInformation.ProcessArchitecture}"
            : Libc.syscall(number, (nint)(&word), Libc.FUTEX_WAKE, 1, 0, 0, 0) < 0 ? Marshal.GetLastPInvokeErrorMessage()
            : null;
    }

    public string? TryPidfd()
    {
        using var descriptor = new SafeFileHandle(Libc.syscall(Libc.SYS_pidfd_open, Environment.ProcessId, 0, 0, 0, 0, 0), ownsHandle: true);
        return descriptor.IsInvalid ? Marshal.GetLastPInvokeErrorMessage() : null;
    }

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        uint bits = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) & (prefix == 0 ? 0 : uint.MaxValue << (32 - prefix));
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, bits);
        return new IPAddress(bytes);
    }

    public string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (process.WaitForExit(LongestProgram) && Task.WaitAll([output, error], LongestProgram))
            {
                return process.ExitCode == 0 ? output.Result : null;
            }

            process.Kill();
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return null; // there is no such program here
        }
    }
}
