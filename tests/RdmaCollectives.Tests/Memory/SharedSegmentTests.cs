using System.Diagnostics;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Tests.Memory;

public sealed unsafe class SharedSegmentTests
{
    [Theory]
    [InlineData((int)SegmentKind.Memfd)]
    [InlineData((int)SegmentKind.Named)]
    public void Open_FromItsAddress_ShowsTheSameBytes(int kind)
    {
        using SharedSegment created = SharedSegment.Create("test", 10_000, (SegmentKind)kind, peersWrite: true);
        SegmentAddress? address = SegmentAddress.Read(created.Location.ToBytes(), out int byteCount);
        Assert.Equal(created.Location.ToBytes().Length, byteCount);
        using SharedSegment opened = SharedSegment.Open(address!.Value, writable: true);
        created.Address[9_999] = 17;
        opened.Address[0] = 18;
        Assert.Equal(17, opened.Address[9_999]);
        Assert.Equal(18, created.Address[0]);
        Assert.Equal(10_000, opened.ByteCount);
        Assert.Equal(-1, opened.Descriptor);
    }

    [Fact]
    public void Open_WritableWherePeersDoNotWrite_IsRefusedByTheKernel()
    {
        using SharedSegment created = SharedSegment.Create("test", 10_000, SegmentKind.Memfd, peersWrite: false);
        Assert.Throws<CollectiveException>(() => SharedSegment.Open(created.Location, writable: true));
        using SharedSegment opened = SharedSegment.Open(created.Location, writable: false);
        created.Address[5] = 7; // the mapping from before the seal
        Assert.Equal(7, opened.Address[5]);
    }

    [Fact]
    public void Create_Named_IsForTheOwnerAloneAndItsNameCannotBeGuessed()
    {
        using SharedSegment first = SharedSegment.Create("test", 10_000, SegmentKind.Named, peersWrite: true);
        using SharedSegment second = SharedSegment.Create("test", 10_000, SegmentKind.Named, peersWrite: true);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(first.Location.Path!));
        }

        Assert.Matches("^/dev/shm/rdmacc-[0-9a-f]{32}$", first.Location.Path!);
        Assert.False(string.Equals(first.Location.Path, second.Location.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_OtherSize_IsRefused()
    {
        using SharedSegment created = SharedSegment.Create("test", 10_000, SegmentKind.Memfd, peersWrite: true);
        var refused = Assert.Throws<CollectiveException>(() => SharedSegment.Open(created.Location with { ByteCount = 20_000 }, writable: true));
        Assert.Contains("has 10000 bytes, expected were 20000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NameThatWasRemoved_IsRefused()
    {
        using SharedSegment created = SharedSegment.Create("test", 10_000, SegmentKind.Named, peersWrite: true);
        Assert.True(File.Exists(created.Location.Path));
        created.Unlink();
        Assert.False(File.Exists(created.Location.Path));
        Assert.Throws<CollectiveException>(() => SharedSegment.Open(created.Location, writable: true));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("rdmacc-0123")]
    [InlineData("/dev/shm/../../etc/rdmacc-0123")]
    public void Read_PathThatIsNotOurs_IsNull(string path)
    {
        byte[] bytes = new SegmentAddress(SegmentKind.Named, 1, 1, 4096, path).ToBytes();
        Assert.Null(SegmentAddress.Read(bytes, out _));
    }

    [Fact]
    public void Create_NamedWhereTheFileSystemIsTooSmall_SaysWhatIsNeededAndThere()
    {
        string directory = Directory.CreateTempSubdirectory("rdmacc-small-").FullName;
        try
        {
            Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", directory), "needs the right to mount a small tmpfs (root)");
            try
            {
                var refused = Assert.Throws<CollectiveException>(() => SharedSegment.Create("test", 1_000_000, SegmentKind.Named, peersWrite: true, directory));
                Assert.Equal(Error.Resource, refused.Error);
                Assert.Contains("1000000 bytes of shared memory", refused.Message, StringComparison.Ordinal);
                Assert.Contains("65536 bytes are free", refused.Message, StringComparison.Ordinal);
                Assert.Contains("--shm-size", refused.Message, StringComparison.Ordinal);
                Assert.Empty(Directory.GetFiles(directory));
                SharedSegment.Create("test", 60_000, SegmentKind.Named, peersWrite: true, directory).Dispose();
            }
            finally
            {
                Assert.True(Run("umount", directory));
            }
        }
        finally
        {
            Directory.Delete(directory);
        }
    }

    [Fact]
    public void Create_NamedInADirectoryThatIsNotThere_SaysSo()
    {
        var refused = Assert.Throws<CollectiveException>(() => SharedSegment.Create("test", 4096, SegmentKind.Named, peersWrite: true, "/nowhere"));
        Assert.Contains("in /nowhere", refused.Message, StringComparison.Ordinal);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)));
        return process.ExitCode == 0;
    }
}
