namespace RdmaCollectives.Verbs.Tests;

/// <summary>The device that tests run on: the first with an active port. Without one they are skipped with the reason, or fail where one was promised.</summary>
internal static class TestDevice
{
    internal const string RequireVariable = "RDMACC_TEST_REQUIRE_DEVICE";

    internal static DeviceContext Open()
    {
        foreach (RdmaDevice device in RdmaDevice.GetDevices())
        {
            DeviceContext context = device.Open();
            if (context.QueryPort().State == PortState.Active && context.ChooseGid().Entry is not null)
                return context;
            context.Dispose();
        }
        string reason = VerbsLibrary.NotSupportedReason ?? "no RDMA device: none has an active port with an address";
        Assert.False(Environment.GetEnvironmentVariable(RequireVariable) == "1", $"{RequireVariable}=1, but {reason}");
        Assert.Skip(reason);
        throw new InvalidOperationException("not reached");
    }
}
