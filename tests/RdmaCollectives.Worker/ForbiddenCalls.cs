using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Worker;

/// <summary>
/// System calls that the kernel refuses from now on, as the seccomp profile of a container would: EPERM, in every thread of this process and for good. Named in TEST_FORBIDDEN_CALLS, with commas between.
/// </summary>
internal static unsafe partial class ForbiddenCalls
{
    public const string Variable = "TEST_FORBIDDEN_CALLS";

    private const int NoNewPrivileges = 38; // prctl
    private const ulong SetModeFilter = 1;
    private const ulong AllThreads = 1;
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint Allow = 0x7fff0000;
    private const uint RefuseAsForbidden = 0x00050001; // SECCOMP_RET_ERRNO | EPERM

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static void Apply()
    {
        string[] names = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            return;
        }

        Instruction[] filter = new Instruction[names.Length + 3];
        filter[0] = new Instruction { Code = LoadWord, Operand = 0 }; // the number of the call
        for (int i = 0; i < names.Length; i++)
        {
            filter[i + 1] = new Instruction { Code = JumpIfEqual, IfTrue = (byte)(names.Length - i), Operand = NumberOf(names[i]) };
        }

        filter[^2] = new Instruction { Code = Return, Operand = Allow };
        filter[^1] = new Instruction { Code = Return, Operand = RefuseAsForbidden };
        fixed (Instruction* first = filter)
        {
            var program = new Program { Count = (ushort)filter.Length, First = first };
            if (prctl(NoNewPrivileges, 1, 0, 0, 0) != 0 || syscall(IsArm ? 277 : 317, SetModeFilter, AllThreads, &program) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "seccomp");
            }
        }
    }

    private static uint NumberOf(string name) => (name, IsArm) switch
    {
        ("memfd_create", false) => 319,
        ("memfd_create", true) => 279,
        ("process_vm_readv", false) => 310,
        ("process_vm_readv", true) => 270,
        ("pidfd_open", _) => 434,
        _ => throw new ArgumentException($"The number of {name} is not known here.", nameof(name)),
    };

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, ulong a, ulong b, ulong c, ulong d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, ulong operation, ulong flags, Program* program);

    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction
    {
        public ushort Code;
        public byte IfTrue;
        public byte IfFalse;
        public uint Operand;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Count;
        public Instruction* First;
    }
}
