using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

public class NativeProofTests
{
    [Fact]
    public void Layout_AgainstTheSystemsHeaders_IsTheSame()
    {
        NativeProof.RequireHeaders();
        string program = NativeProof.Program();
        TestContext.Current.TestOutputHelper!.WriteLine($"{program.Split("_Static_assert").Length - 1} assertions");

        Assert.Null(NativeProof.Compile(program));
    }

    [Fact]
    public void Layout_WithOffsetsShiftedByOne_DoesNotCompile()
    {
        NativeProof.RequireHeaders();

        string? errors = NativeProof.Compile(NativeProof.Program(shift: 1));

        Assert.Contains("offset of ibv_send_wr.wr_id", errors, StringComparison.Ordinal);
        Assert.Contains("offset of rdma_cm_event.param", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Program_EveryStructOfTheRawLayer_IsInIt()
    {
        string program = NativeProof.Program();

        Assert.True(NativeProof.Structs.Length > 40, $"{NativeProof.Structs.Length} structs");
        Assert.All(NativeProof.Structs, type => Assert.Contains($"size of {type.Name}\"", program, StringComparison.Ordinal));
        Assert.Contains(typeof(ibv_wc), NativeProof.Structs);
    }

    [Fact]
    public void Symbols_EveryImportedFunction_IsInItsLibrary()
    {
        Assert.Contains(NativeProof.Imports, m => m.Name == nameof(libibverbs.ibv_create_qp));
        Assert.Contains(NativeProof.Imports, m => m.Name == nameof(librdmacm.rdma_migrate_id));
        foreach (var library in NativeProof.Imports.GroupBy(m => NativeProof.Library(m)!, StringComparer.Ordinal))
        {
            if (!NativeLibrary.TryLoad(library.Key, out nint handle))
                Assert.Skip($"{library.Key} is not installed: {NativeProof.InstallCommand}");
            string[] missing = [.. library.Select(m => m.Name).Where(name => !NativeLibrary.TryGetExport(handle, name, out _))];
            Assert.Empty(missing);
        }
    }
}
