namespace RdmaCollectives.Verbs.Tests;

/// <summary>The limit of a control group on RDMA objects in words, from files that are as the kernel's.</summary>
public sealed class ObjectLimitTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rdmacc-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Remedy_InALimitedGroup_TellsLimitUseAndFile()
    {
        Group("/job/step", max: "rxe0 hca_handle=2 hca_object=2000\nrxe1 hca_handle=max hca_object=max\n", current: "rxe0 hca_handle=1 hca_object=2000\nrxe1 hca_handle=1 hca_object=10\n");
        string remedy = ObjectLimit.Remedy(_root, "1:name=systemd:/other\n0::/job/step\n")!;
        Assert.StartsWith($"The control group of this process may have so many handles and objects of a device: rxe0 hca_handle=2 hca_object=2000 ({_root}/job/step/rdma.max, in use: hca_handle=1 hca_object=2000). Raise it there", remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("rxe1", remedy, StringComparison.Ordinal);
    }

    /// <summary>A group is bound by those above it too.</summary>
    [Theory]
    [InlineData("0::/job/step\n", "/job/rdma.max, in use: unknown")]
    [InlineData("0::/job\n", "/job/rdma.max, in use: unknown")]
    [InlineData("0::/\n", null)]
    [InlineData("0::/elsewhere\n", null)]
    [InlineData("4:memory:/job\n", null)] // version 1 alone
    [InlineData(null, null)]
    public void Remedy_OfAGroup_IsOfItAndThoseAbove(string? membership, string? limit)
    {
        Group("/job", max: "rxe0 hca_object=5\n", current: null);
        Group("/job/step", max: "rxe0 hca_handle=max hca_object=max\n", current: null);
        string? remedy = ObjectLimit.Remedy(_root, membership);
        Assert.Equal(limit is not null, remedy?.Contains(limit ?? "?", StringComparison.Ordinal) ?? false);
        Assert.Equal(limit is null, remedy is null);
    }

    private void Group(string name, string max, string? current)
    {
        Directory.CreateDirectory(_root + name);
        File.WriteAllText($"{_root}{name}/rdma.max", max);
        if (current is not null)
        {
            File.WriteAllText($"{_root}{name}/rdma.current", current);
        }
    }
}
