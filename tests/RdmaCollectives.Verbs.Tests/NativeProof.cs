using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>
/// Writes the raw layer down as a C program of static assertions, one for every size, offset and constant, and compiles it against the system's headers.
/// It walks the namespace by reflection: what is declared there is checked, and what has no counterpart in C does not compile.
/// </summary>
internal static class NativeProof
{
    internal const string InstallCommand = "apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libibverbs-dev librdmacm-dev";

    /// <summary>C writes these members of unions and anonymous structs without a type name of their own.</summary>
    private static readonly Dictionary<string, string> Unnamed = new(StringComparer.Ordinal)
    {
        [nameof(ibv_gid)] = "union ibv_gid",
        [nameof(ibv_gid_global)] = "__typeof__(((union ibv_gid *)0)->global)",
        [nameof(ibv_async_event_element)] = "__typeof__(((struct ibv_async_event *)0)->element)",
        [nameof(ibv_send_wr_wr)] = "__typeof__(((struct ibv_send_wr *)0)->wr)",
        [nameof(ibv_send_wr_rdma)] = "__typeof__(((struct ibv_send_wr *)0)->wr.rdma)",
        [nameof(ibv_send_wr_atomic)] = "__typeof__(((struct ibv_send_wr *)0)->wr.atomic)",
        [nameof(ibv_send_wr_ud)] = "__typeof__(((struct ibv_send_wr *)0)->wr.ud)",
        [nameof(ibv_send_wr_qp_type)] = "__typeof__(((struct ibv_send_wr *)0)->qp_type.xrc)",
        [nameof(ibv_send_wr_bind_mw)] = "__typeof__(((struct ibv_send_wr *)0)->bind_mw)",
        [nameof(rdma_cm_event_param)] = "__typeof__(((struct rdma_cm_event *)0)->param)",
    };

    internal static Type[] Structs { get; } = [.. InteropTypes().Where(t => t is { IsValueType: true, IsEnum: false })];

    internal static Type[] Enums { get; } = [.. InteropTypes().Where(t => t.IsEnum)];

    internal static MethodInfo[] Imports { get; } =
        [.. InteropTypes().SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)).Where(m => Library(m) is not null)];

    /// <summary>The library that a method is imported from; the generator leaves [LibraryImport] on the method that it completes.</summary>
    internal static string? Library(MethodInfo method) => method.GetCustomAttribute<LibraryImportAttribute>()?.LibraryName
        ?? (method.GetCustomAttribute<DllImportAttribute>() is { } import && !method.Name.Contains("__PInvoke", StringComparison.Ordinal) ? import.Value : null);

    /// <summary>The whole program. <paramref name="shift"/> is added to every offset, so that a test can see the check fail.</summary>
    internal static string Program(int shift = 0)
    {
        StringBuilder c = new();
        c.AppendLine("""
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <poll.h>
            #include <net/if.h>
            #include <sys/resource.h>
            #include <infiniband/verbs.h>
            #include <rdma/rdma_cma.h>
            """);
        foreach (Type type in Structs)
            AppendStruct(c, type, shift);
        foreach (Type type in Enums)
        {
            Assert_(c, $"sizeof(enum {type.Name}) == {SizeOf(Enum.GetUnderlyingType(type))}", $"size of enum {type.Name}");
            foreach (string name in Enum.GetNames(type))
                Assert_(c, $"(long long)({name}) == {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}LL", name);
        }
        foreach (FieldInfo constant in Constants())
            Assert_(c, $"(unsigned long long)({constant.Name}) == {Convert.ToUInt64(constant.GetRawConstantValue(), CultureInfo.InvariantCulture)}ULL", constant.Name);
        c.AppendLine("int main(void) { return 0; }");
        return c.ToString();
    }

    /// <summary>Compiles; null on success, else what the compiler said.</summary>
    internal static string? Compile(string program)
    {
        ProcessStartInfo start = new("gcc", ["-x", "c", "-std=gnu11", "-fsyntax-only", "-Werror", "-"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        using Process gcc = Process.Start(start)!;
        Task<string> errors = gcc.StandardError.ReadToEndAsync();
        gcc.StandardInput.Write(program);
        gcc.StandardInput.Close();
        Assert.True(gcc.WaitForExit(TimeSpan.FromSeconds(60)), "gcc did not end within 60 s");
        return gcc.ExitCode == 0 ? null : errors.Result;
    }

    /// <summary>Makes compiler and headers available, installing them where that is possible; else the test is skipped with the one command.</summary>
    internal static void RequireHeaders()
    {
        if (HasHeaders())
            return;
        if (Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get"))
        {
            using Process install = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"({InstallCommand}) >&2"]) { Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" } })!;
            if (!install.WaitForExit(TimeSpan.FromMinutes(3)))
                install.Kill(entireProcessTree: true);
        }
        if (!HasHeaders())
            Assert.Skip($"gcc or the headers of libibverbs and librdmacm are missing: {InstallCommand}");
    }

    private static bool HasHeaders() =>
        File.Exists("/usr/include/infiniband/verbs.h") && File.Exists("/usr/include/rdma/rdma_cma.h") && File.Exists("/usr/bin/gcc");

    private static void AppendStruct(StringBuilder c, Type type, int shift)
    {
        string name = Unnamed.TryGetValue(type.Name, out string? unnamed) ? unnamed : $"struct {type.Name}";
        c.AppendLine(CultureInfo.InvariantCulture, $"typedef {name} T_{type.Name};");
        bool isPrefix = type.GetCustomAttribute<NativePrefixAttribute>() is not null;
        Assert_(c, $"sizeof(T_{type.Name}) {(isPrefix ? ">=" : "==")} {SizeOf(type)}", $"size of {type.Name}");
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            long offset = Marshal.OffsetOf(type, field.Name) + shift;
            Assert_(c, $"offsetof(T_{type.Name}, {field.Name}) == {offset}", $"offset of {type.Name}.{field.Name}");
            // The union qp_type holds one anonymous struct; everything else has the size of its C member.
            Assert_(c, $"sizeof(((T_{type.Name} *)0)->{field.Name}) == {SizeOf(field.FieldType)}", $"size of {type.Name}.{field.Name}");
        }
    }

    private static void Assert_(StringBuilder c, string condition, string what) =>
        c.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert({condition}, \"{what}\");");

    private static IEnumerable<FieldInfo> Constants() => InteropTypes()
        .Where(t => t is { IsAbstract: true, IsSealed: true })
        .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
        .Where(f => f.IsLiteral && f.FieldType != typeof(string));

    private static IEnumerable<Type> InteropTypes() => typeof(ibv_context).Assembly.GetTypes()
        .Where(t => t.Namespace == typeof(ibv_context).Namespace && !t.IsNested);

    private static int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer
        ? nint.Size
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
