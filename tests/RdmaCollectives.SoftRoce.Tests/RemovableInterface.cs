using System.Diagnostics;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// The network interface under a host's device on a rail, which can be taken out while programs use it: the device goes with it. When this is disposed both are made anew, as guest/hosts.sh made them; to be
/// disposed after all users of the device, as a device goes only when nobody has it open.
/// </summary>
internal sealed class RemovableInterface(int host, int rail) : IDisposable
{
    private readonly string _device = SoftRoceHosts.Device(host, rail);
    private readonly string _interface = $"e{host}r{rail}";
    private readonly string _port = $"p{host}r{rail}";
    private Process? _removal;

    /// <summary>Returns when the port has gone. The command that does it ends only when nobody has the device open: the kernel waits for that.</summary>
    public void Remove()
    {
        _removal = Process.Start("/bin/bash", ["-c", $"ip link delete {_interface}"]);
        string state = $"/sys/class/infiniband/{_device}/ports/1/state";
        Assert.True(SpinWait.SpinUntil(() => !IsActive(state), TimeSpan.FromSeconds(10)), $"{_interface} was deleted, and {state} says that its port is active.");
    }

    public void Dispose()
    {
        if (_removal is null)
        {
            return;
        }

        Assert.True(_removal.WaitForExit(TimeSpan.FromSeconds(30)), $"{_interface} is still held by somebody.");
        Assert.Equal(0, _removal.ExitCode);
        _removal.Dispose();
        _removal = null;

        string settings = $"/proc/sys/net/ipv4/conf/{_interface}";
        Run($$"""
            set -e
            for turn in $(seq 300); do [ -e /sys/class/infiniband/{{_device}} ] || break; sleep 0.1; done
            ip link add {{_interface}} mtu 4200 type veth peer name {{_port}} mtu 4200
            ip link set {{_port}} master br-rxe{{rail}} up
            echo 0 >{{settings}}/rp_filter; echo 1 >{{settings}}/accept_local; echo 1 >{{settings}}/arp_ignore; echo 2 >{{settings}}/arp_announce
            ip address add 10.88.{{rail}}.{{host}}/24 dev {{_interface}}
            ip link set {{_interface}} up
            rdma link add {{_device}} type rxe netdev {{_interface}}
            for turn in $(seq 300); do grep -q ACTIVE /sys/class/infiniband/{{_device}}/ports/1/state && grep -q ffff: /sys/class/infiniband/{{_device}}/ports/1/gids/1 && exit 0; sleep 0.1; done
            exit 1
            """);
    }

    private static bool IsActive(string state)
    {
        try
        {
            return File.ReadAllText(state).Contains("ACTIVE", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Run(string script)
    {
        using Process process = Process.Start("/bin/bash", ["-c", script]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(90)), $"It did not end: {script}");
        Assert.Equal(0, process.ExitCode);
    }
}
