using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Checks;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>Each check over hosts on paper: one that is as it should be, and those that are not.</summary>
public class CheckTests
{
    private static readonly byte[] NoAcs = new byte[4096];

    [Theory]
    [MemberData(nameof(Names))]
    public void Examine_AHostInOrder_IsOkWithEvidence(string check)
    {
        using RecordedHost host = InOrder();
        Finding worst = host.Worst(check);
        Assert.True(worst.Severity == Severity.Ok, worst.ToString());
        Assert.NotEmpty(worst.Evidence);
        Assert.Null(worst.Remedy);
    }

    /// <summary>A container may show next to nothing of its host: no check falls over, and none calls what it can't see a problem.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Examine_AHostWithoutFiles_IsNoProblem(string check)
    {
        using var empty = new RecordedHost();
        var view = new HostView("/nonexistent", empty);
        Finding[] findings = [.. CheckList.All.Single(one => one.Name == check).Examine(view)];
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding.Severity < Severity.Warning, finding.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Examine_ThisMachine_EveryFindingHasWords(string check)
    {
        Finding[] findings = [.. CheckList.All.Single(one => one.Name == check).Examine(HostView.OfThisMachine())];
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding.Text.EndsWith('.') && finding.Evidence.Length > 0 && (finding.Severity < Severity.Warning || finding.Remedy is not null), finding.ToString()));
    }

    public static TheoryData<string> Names => [.. CheckList.All.Select(check => check.Name)];

    [Theory]
    [InlineData("65536", nameof(Severity.Problem), "no connection can be made")]
    [InlineData("8388608", nameof(Severity.Warning), "8 MiB, and over verbs each peer takes 2 MiB: enough for 3 peers")]
    [InlineData("1073741824", nameof(Severity.Ok), "enough for 511 peers")]
    public void LockedMemory_Limited_SaysHowManyPeersFit(string limit, string severity, string text) => Expect("locked-memory", host => host.Limit("Max locked memory", limit), Enum.Parse<Severity>(severity), text, limit, "ulimit -l unlimited");

    [Fact]
    public void LockedMemory_LimitedWithoutADevice_IsANote()
    {
        using var host = new RecordedHost();
        Assert.Equal(Severity.Note, host.Limit("Max locked memory", "65536").Worst("locked-memory").Severity);
    }

    /// <summary>The kernel asks for the capability in the first user namespace: root of a rootless container is bound.</summary>
    [Theory]
    [InlineData("         0          0 4294967295", nameof(Severity.Ok))]
    [InlineData("         0       1000          1", nameof(Severity.Problem))]
    public void LockedMemory_WithTheCapability_BindsInOtherUserNamespacesOnly(string map, string severity)
    {
        using RecordedHost host = InOrder().Limit("Max locked memory", "65536").File("/proc/self/status", "CapEff:\t000001ffffffffff").File("/proc/self/uid_map", map);
        Assert.Equal(Enum.Parse<Severity>(severity), host.Worst("locked-memory").Severity);
    }

    [Theory]
    [InlineData("64", nameof(Severity.Problem), "about 0 peers")]
    [InlineData("1024", nameof(Severity.Warning), "about 115 peers")]
    public void OpenFiles_Few_SaysHowManyPeersFit(string limit, string severity, string text) => Expect("open-files", host => host.Limit("Max open files", limit), Enum.Parse<Severity>(severity), text, limit, "ulimit -n");

    [Fact]
    public void Configuration_Wrong_IsAProblem() =>
        Expect("configuration", host => host.Set("RDMACC_SLOTS", "3", "RDMACC_SLOTS is '3'; allowed: a power of two."), Severity.Problem, "a power of two", "RDMACC_SLOTS", "unset it");

    [Fact]
    public void SharedMemory_NoMemfdAndASmallDevShm_IsAProblem()
    {
        Expect("shared-memory", host => { host.MemfdProblem = "memfd_create: Function not implemented"; host.Space = (1 << 20, 1 << 20); }, Severity.Problem, "/dev/shm has 1 MiB", "1048576", "remount,size");
        Expect("shared-memory", host => { host.MemfdProblem = "memfd_create: Function not implemented"; host.Space = null; }, Severity.Problem, "neither memfd nor /dev/shm", "statvfs", "/dev/shm");
        Expect("shared-memory", host => host.MemfdProblem = "memfd_create: Function not implemented", Severity.Warning, "copied", "memfd", "seccomp");
        Expect("shared-memory", host => host.Space = (1 << 20, 1 << 20), Severity.Note, "This library does not, as memfd works", "1048576", "remount,size");
    }

    [Fact]
    public void Futex_Refused_IsAProblem() => Expect("futex", host => host.FutexProblem = "Operation not permitted", Severity.Problem, "would not be woken", "Operation not permitted", "seccomp");

    [Fact]
    public void ProcessAccess_Restricted_IsSaid()
    {
        Expect("process-access", host => host.PidfdProblem = "Function not implemented", Severity.Warning, "can't be watched", "pidfd_open", "Linux 5.3");
        Expect("process-access", host => host.File("/proc/self/mounts", "proc /proc proc rw,nosuid,hidepid=invisible 0 0"), Severity.Note, "hidepid=invisible", "/proc/self/mounts", "one user");
    }

    [Theory]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0", "0::/job", "/sys/fs/cgroup/job/cpu.max", "50000 100000", "")]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0", "0::/system.slice/job", "/sys/fs/cgroup/system.slice/cpu.max", "50000 100000", "/sys/fs/cgroup/system.slice/job/cpu.max")]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0", "0::/../../elsewhere", "/sys/fs/cgroup/cpu.max", "50000 100000", "")]
    [InlineData("cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0", "4:cpu,cpuacct:/docker/1", "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000", "")]
    public void CpuQuota_LessThanTheProcessors_IsAWarning(string mount, string group, string file, string value, string unlimited) => Expect(
        "cpu-quota",
        host =>
        {
            host.File("/proc/self/mounts", mount).File("/proc/self/cgroup", group).File(file, value).File(Path.Join(Path.GetDirectoryName(file), "cpu.cfs_period_us"), "100000").File(Path.Join(Path.GetDirectoryName(file), "cpu.stat"), "nr_periods 10\nnr_throttled 7");
            if (unlimited.Length > 0)
            {
                host.File(unlimited, "max 100000");
            }
        },
        Severity.Warning,
        "0.5 processors, and 2 may be used",
        "nr_throttled 7",
        "cpuset");

    [Fact]
    public void CpuQuota_FewerProcessorsThanTheMachineHas_IsANote() => Expect("cpu-quota", host => host.File("/sys/devices/system/cpu/online", "0-63,128-191"), Severity.Note, "2 of 128 processors", "Cpus_allowed_list 0-1", "taskset");

    [Theory]
    [InlineData("powersave", "acpi-cpufreq", nameof(Severity.Warning))]
    [InlineData("powersave", "intel_pstate", nameof(Severity.Note))]
    [InlineData("schedutil", "acpi-cpufreq", nameof(Severity.Note))]
    [InlineData("userspace", "acpi-cpufreq", nameof(Severity.Note))]
    public void CpuGovernor_NotPerformance_IsSaid(string governor, string driver, string severity) =>
        Expect("cpu-governor", host => host.File("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor).File("/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", driver), Enum.Parse<Severity>(severity), "requenc", governor, "cpupower");

    [Fact]
    public void Clock_Slow_IsAWarning() => Expect("clock", host => host.File("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet"), Severity.Warning, "hpet", "hpet", "tsc");

    [Fact]
    public void HugePages_OffOrSetAside_IsSaid()
    {
        Expect("huge-pages", host => host.File("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]"), Severity.Note, "off", "[never]", "echo always");
        Expect("huge-pages", host => host.File("/proc/meminfo", "MemTotal:       16777216 kB\nHugePages_Total:    6000\nHugePages_Free:     6000\nHugepagesize:       2048 kB"), Severity.Warning, "11.7 GiB of 16 GiB", "HugePages_Free 6000", "vm.nr_hugepages");
    }

    [Fact]
    public void Numa_FarFromTheAdapter_IsAWarning()
    {
        static RecordedHost TwoNodes(RecordedHost host) => host.File("/sys/devices/system/node/node0/cpulist", "0-1").File("/sys/devices/system/node/node1/cpulist", "2-3").File("/sys/class/infiniband/mlx5_0/device/numa_node", "1");
        Expect("numa", host => TwoNodes(host), Severity.Warning, "mlx5_0 is on NUMA node 1", "node1/cpulist: 2-3", "numactl --cpunodebind=1");
        Expect("numa", host => TwoNodes(host).File("/sys/class/infiniband/mlx5_0/device/numa_node", "0").File("/proc/sys/kernel/numa_balancing", "1"), Severity.Note, "moves pages", "numa_balancing: 1", "kernel.numa_balancing=0");
    }

    [Theory]
    [InlineData(1280, "up", null, nameof(Severity.Warning), "eth0 has an MTU of 1280", "mtu 1500")]
    [InlineData(1460, "up", null, nameof(Severity.Note), "eth0 has an MTU of 1460", "mtu 1500")]
    [InlineData(1500, "down", null, nameof(Severity.Note), "eth0 is down", "ip link set dev eth0 up")]
    [InlineData(1500, "down", "eth0", nameof(Severity.Problem), "RDMACC_INTERFACE names eth0, and it is down", "ip link set dev eth0 up")]
    [InlineData(1500, "up", "eth7", nameof(Severity.Problem), "RDMACC_INTERFACE names eth7, and there is no such interface", "or unset it")]
    [InlineData(1500, "up", "eth7,10.0.0.0/8", nameof(Severity.Problem), "RDMACC_INTERFACE names eth7", "or unset it")]
    public void Interfaces_NotAsUsual_IsSaid(int mtu, string state, string? wanted, string severity, string text, string remedy) => Expect(
        "interfaces",
        host =>
        {
            host.Interface("eth0", mtu, state).Interface("lo", 65536, "unknown", type: 772);
            if (wanted is not null)
            {
                host.Set("RDMACC_INTERFACE", wanted);
            }
        },
        Enum.Parse<Severity>(severity),
        text,
        "/sys/class/net",
        remedy);

    [Fact]
    public void Interfaces_LoopbackAndBridgesAlone_LeadNowhere()
    {
        using var host = new RecordedHost();
        Finding worst = host.Interface("lo", 65536, "unknown", type: 772).Interface("docker0", 1280).Worst("interfaces");
        Assert.Equal((Severity.Note, true), (worst.Severity, worst.Text.Contains("this host only", StringComparison.Ordinal)));
    }

    [Fact]
    public void Interfaces_OfAnotherNamespace_AreNotJudged() => Expect(
        "interfaces",
        host => host.Interface("eth0", 1280).File("/proc/self/net/dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets\n    lo:       0       0\n  to1:       0       0"),
        Severity.Note,
        "another network namespace",
        "lo, to1; /sys/class/net: eth0, ens1f0np0",
        "ip netns exec");

    [Theory]
    [InlineData("tcp_rmem", "4096\t87380\t212992", "may grow to 208 KiB", "net.ipv4.tcp_rmem=\"4096 87380 16777216\"")]
    [InlineData("tcp_wmem", "4096\t16384\t4194304", "at 100 Gb/s", "net.ipv4.tcp_wmem")]
    [InlineData("tcp_window_scaling", "0", "64 KiB are off", "tcp_window_scaling=1")]
    [InlineData("tcp_moderate_rcvbuf", "0", "do not grow", "tcp_moderate_rcvbuf=1")]
    public void TcpBuffers_TooSmallForTheNetwork_IsAWarning(string file, string value, string text, string remedy) =>
        Expect("tcp-buffers", host => host.Interface("ens1f0np0", 9000, speed: 100_000).File($"/proc/sys/net/ipv4/{file}", value), Severity.Warning, text, file, remedy);

    /// <summary>PCI Express: 16 lanes at 8 GT/s carry 126 Gb/s, 4 carry 31.5.</summary>
    [Theory]
    [InlineData("8.0 GT/s PCIe", "4", nameof(Severity.Warning), "carries 31.5 Gb/s, and its port 100 Gb/s")]
    [InlineData("8.0 GT/s PCIe", "16", nameof(Severity.Note), "still carries more than its port")]
    [InlineData("5.0 GT/s PCIe", "16", nameof(Severity.Warning), "carries 64 Gb/s")]
    public void Pcie_LessThanItCould_IsSaid(string speed, string width, string severity, string text) =>
        Expect("pcie", host => host.File("/sys/class/infiniband/mlx5_0/device/current_link_speed", speed).File("/sys/class/infiniband/mlx5_0/device/current_link_width", width), Enum.Parse<Severity>(severity), text, "current_link_speed", "slot");

    [Theory]
    [InlineData("DMA-FQ")]
    [InlineData("DMA")]
    public void Iommu_Translating_IsANote(string type) => Expect("iommu", host => host.File("/sys/class/infiniband/mlx5_0/device/iommu_group/type", type), Severity.Note, "translates", type, "iommu=pt");

    [Fact]
    public void Iommu_PassingThrough_IsOk()
    {
        using RecordedHost host = InOrder().File("/sys/class/infiniband/mlx5_0/device/iommu_group/type", "identity");
        Assert.Equal(Severity.Ok, host.Worst("iommu").Severity);
    }

    [Fact]
    public void Acs_RedirectingWithAGpu_IsANote()
    {
        byte[] redirects = new byte[4096];
        redirects[0x102] = 0x01; // capability 0x0001 at 0x100, version 1, the next at 0x148
        redirects[0x100] = 0x01;
        redirects[0x103] = 0x14;
        redirects[0x102] |= 0x80;
        redirects[0x148] = 0x0D; // ACS
        redirects[0x14E] = 0x1D;
        static RecordedHost Gpu(RecordedHost host) => host.File("/sys/module/nvidia/version", "550.1").File("/sys/module/nvidia_peermem/version", "550.1").File("/sys/bus/pci/devices/0000:00:01.0/class", "0x060400");
        Expect("acs", host => Gpu(host).File("/sys/bus/pci/devices/0000:00:01.0/config", redirects), Severity.Note, "on 1 PCIe bridges", "0000:00:01.0 001d", "ECAP_ACS+0x6.w=0000");
        Expect("acs", host => Gpu(host).File("/sys/bus/pci/devices/0000:00:01.0/config", redirects[..64]), Severity.Note, "can't be read", "config", "as root");
        using RecordedHost without = Gpu(InOrder()).File("/sys/bus/pci/devices/0000:00:01.0/config", NoAcs);
        Assert.Equal(Severity.Ok, without.Worst("acs").Severity);
    }

    [Fact]
    public void GpuMemory_NoWayToRegisterIt_IsANote()
    {
        Expect("gpu-memory", host => host.File("/sys/module/nvidia/version", "550.1").File("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.1"), Severity.Note, "no way for an adapter", "nvidia_peermem", "modprobe nvidia-peermem");
        foreach ((string file, string text) in ((string, string)[])[("/sys/module/nvidia_peermem/version", "550.1"), ("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.1")])
        {
            using RecordedHost host = InOrder().File("/sys/module/nvidia/version", "550.1").File(file, text);
            Assert.Equal(Severity.Ok, host.Worst("gpu-memory").Severity);
        }
    }

    [Theory]
    [InlineData(9000, 4096)]
    [InlineData(4200, 4096)]
    [InlineData(4191, 2048)]
    [InlineData(1500, 1024)]
    [InlineData(1280, 1024)]
    [InlineData(1000, 512)]
    [InlineData(300, 0)]
    public void RdmaMtu_Fitting_LeavesRoomForHeaders(int network, int rdma) => Assert.Equal(rdma, RdmaMtuCheck.Fitting(network));

    private static RecordedHost InOrder() => new RecordedHost { Mtu = (4096, 4096) }.Adapter().Output("dcb pfc show dev ens1f0np0", "pfc-cap 8 macsec-bypass off delay 0\nprio-pfc 0:on 1:off 2:off 3:off 4:off 5:off 6:off 7:off\n")
        .File("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc")
        .File("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t33554432").File("/proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t33554432");

    private static void Expect(string check, Action<RecordedHost> change, Severity severity, string text, string evidence, string remedy)
    {
        using RecordedHost host = InOrder();
        change(host);
        Finding worst = host.Worst(check);
        Assert.True(worst.Severity == severity, worst.ToString());
        Assert.Contains(text, worst.Text, StringComparison.Ordinal);
        Assert.Contains(evidence, worst.Evidence, StringComparison.Ordinal);
        if (severity > Severity.Ok)
        {
            Assert.Contains(remedy, worst.Remedy, StringComparison.Ordinal);
        }
    }
}
