using System.Globalization;
using RdmaCollectives.Tool.Doctor;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>
/// A host on paper: files as the kernel writes them, in a folder of their own, and answers to calls. A fake, for adapters, faults and settings that the machine of the tests does not have; the checks over it
/// are those that run on the real one (<see cref="DoctorCommandTests"/>).
/// </summary>
internal sealed class RecordedHost : IHostProbe, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rdmacc-doctor-").FullName;
    private readonly Dictionary<string, string> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Setting> _settings = new(StringComparer.Ordinal);

    /// <summary>As root, on a machine with two processors and nothing special.</summary>
    public RecordedHost()
    {
        File("/proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1048576              1048576              files\nMax locked memory         unlimited            unlimited            bytes");
        File("/proc/self/status", "Name:\trdmacc\nCapEff:\t0000000000000000\nCpus_allowed_list:\t0-1");
        File("/proc/self/uid_map", "         0          0 4294967295");
        File("/sys/devices/system/cpu/online", "0-1");
        foreach ((string variable, string value) in ((string, string)[])[("RDMACC_SLOTS", "4"), ("RDMACC_CHANNELS", "2"), ("RDMACC_CHUNK_BYTES", "131072"), ("RDMACC_TRANSPORTS", "auto")])
        {
            _settings[variable] = new Setting(variable, value, "default", IsSet: false);
        }
    }

    public HostView View => new(_root, this);

    public IReadOnlyList<Setting> Settings => [.. _settings.Values];

    public string? VerbsProblem { get; set; }

    public (int Active, int Max)? Mtu { get; set; }

    public string? RdmaCoreVersion { get; set; }

    public string? Network { get; set; }

    public (long Total, long Free)? Space { get; set; } = (8L << 30, 8L << 30);

    public string? MemfdProblem { get; set; }

    public string? FutexProblem { get; set; }

    public string? PidfdProblem { get; set; }

    public RecordedHost File(string path, string text)
    {
        string place = Path.Join(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        System.IO.File.WriteAllText(place, text + "\n");
        return this;
    }

    public RecordedHost File(string path, byte[] bytes)
    {
        File(path, "");
        System.IO.File.WriteAllBytes(Path.Join(_root, path), bytes);
        return this;
    }

    public RecordedHost Set(string variable, string value, string? problem = null)
    {
        _settings[variable] = new Setting(variable, value, variable, IsSet: true, problem);
        return this;
    }

    public RecordedHost Output(string command, string output)
    {
        _outputs[command] = output;
        return this;
    }

    /// <summary>A soft and hard limit, as a line of /proc/self/limits.</summary>
    public RecordedHost Limit(string name, string value) =>
        File("/proc/self/limits", string.Create(CultureInfo.InvariantCulture, $"Limit                     Soft Limit           Hard Limit           Units\n{name,-25} {value,-20} {value,-20} units"));

    /// <summary>A ConnectX of one port on Ethernet, as mlx5 shows it, on a PCIe slot of 16 lanes at 16 GT/s.</summary>
    public RecordedHost Adapter(string device = "mlx5_0", string network = "ens1f0np0", string state = "4: ACTIVE", string physical = "5: LinkUp", string link = "Ethernet", string gid = "0000:0000:0000:0000:0000:ffff:0a00:0001", string gidType = "RoCE v2")
    {
        string own = $"/sys/class/infiniband/{device}";
        File($"{own}/ports/1/state", state).File($"{own}/ports/1/phys_state", physical).File($"{own}/ports/1/rate", "100 Gb/sec (4X EDR)").File($"{own}/ports/1/link_layer", link);
        File($"{own}/ports/1/gids/0", "0000:0000:0000:0000:0000:0000:0000:0000").File($"{own}/ports/1/gids/3", gid).File($"{own}/ports/1/gid_attrs/types/3", gidType).File($"{own}/ports/1/gid_attrs/ndevs/3", network);
        File($"{own}/device/current_link_speed", "16.0 GT/s PCIe").File($"{own}/device/current_link_width", "16").File($"{own}/device/max_link_speed", "16.0 GT/s PCIe").File($"{own}/device/max_link_width", "16").File($"{own}/device/numa_node", "0");
        File($"/sys/class/infiniband_verbs/uverbs0/ibdev", device).File("/dev/infiniband/uverbs0", "");
        return Interface(network, mtu: 9000);
    }

    public RecordedHost Interface(string name, int mtu = 1500, string state = "up", int type = 1, int speed = 10_000) =>
        File($"/sys/class/net/{name}/mtu", mtu.ToString(CultureInfo.InvariantCulture)).File($"/sys/class/net/{name}/operstate", state)
            .File($"/sys/class/net/{name}/type", type.ToString(CultureInfo.InvariantCulture)).File($"/sys/class/net/{name}/speed", speed.ToString(CultureInfo.InvariantCulture));

    /// <summary>The finding that matters most, of one check.</summary>
    public Finding Worst(string check) => CheckList.All.Single(one => one.Name == check).Examine(View).MaxBy(finding => finding.Severity)!;

    public (int Active, int Max)? PortMtu(string device, int port) => Mtu;

    public string? NetworkOf(string networkInterface) => Network;

    public (long Total, long Free)? SpaceOf(string directory) => Space;

    public string? TryMemfd() => MemfdProblem;

    public string? TryFutex() => FutexProblem;

    public string? TryPidfd() => PidfdProblem;

    public string? Run(string program, params string[] arguments) => _outputs.GetValueOrDefault(string.Join(' ', [program, .. arguments]));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
