using RdmaCollectives.Verbs.ConnectionManagement;

namespace RdmaCollectives.Verbs.Tests;

public class VerbsLibraryTests
{
    [Fact]
    public void IsSupported_AsReported_AgreesWithReasonAndDevices()
    {
        Assert.Equal(VerbsLibrary.IsSupported, VerbsLibrary.NotSupportedReason is null);
        Assert.Equal(VerbsLibrary.IsSupported, RdmaDevice.GetDevices().Count > 0);
        TestContext.Current.TestOutputHelper!.WriteLine(VerbsLibrary.NotSupportedReason ?? string.Join(", ", RdmaDevice.GetDevices()));
    }

    [Fact]
    public void NotSupportedReason_WithoutADevice_SaysHowToGetOne()
    {
        if (VerbsLibrary.IsSupported)
            Assert.Skip("this host has an RDMA device");

        Assert.True(
            VerbsLibrary.NotSupportedReason!.Contains("modprobe rdma_rxe", StringComparison.Ordinal) || VerbsLibrary.NotSupportedReason.Contains("install libibverbs1", StringComparison.Ordinal),
            VerbsLibrary.NotSupportedReason);
        Assert.False(ConnectionManager.IsSupported);
    }

    [Fact]
    public void TryLoad_LibraryThatIsNotThere_NamesItAndItsPackages() =>
        Assert.Equal("libnosuch.so.9 is not installed: install libnosuch9.", VerbsLibrary.TryLoad("libnosuch.so.9", "libnosuch9"));

    [Fact]
    public void Open_DeviceThatIsNotThere_NamesItAndWhatThereIs()
    {
        VerbsException e = Assert.Throws<VerbsException>(() => RdmaDevice.Open("nosuch0"));

        Assert.Contains("no RDMA device called 'nosuch0'", e.Message, StringComparison.Ordinal);
        Assert.Equal("nosuch0", e.ObjectName);
    }
}
