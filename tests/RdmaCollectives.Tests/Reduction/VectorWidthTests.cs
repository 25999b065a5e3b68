using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>The tests of the kernels again, in processes that are told to do without the widest vectors: other processors have none of them, and all must come to the same bits.</summary>
public class VectorWidthTests(ITestOutputHelper output)
{
    /// <summary>Says to a test in the child what it should find.</summary>
    internal const string ExpectedBits = "RDMACC_TESTS_VECTOR_BITS";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    internal static int WidestBits
        => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public void Kernels_WithoutTheWidestVectors_GiveTheBitsOfTheReference(string setting, int bits)
    {
        Assert.SkipWhen(WidestBits <= bits, $"this processor has vectors of {WidestBits} bits");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-noColor", "-class", typeof(ReduceTableTests).FullName!])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[setting] = "0";
        start.Environment[ExpectedBits] = bits.ToString(CultureInfo.InvariantCulture);
        using Process child = Process.Start(start)!;
        Task<string> text = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        bool ended = child.WaitForExit(Deadline);
        if (!ended)
        {
            child.Kill();
        }

        output.WriteLine(text.Result + errors.Result);
        Assert.True(ended, $"not done after {Deadline}");
        Assert.Equal(0, child.ExitCode);
        Assert.Matches("Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0", text.Result);
    }
}
