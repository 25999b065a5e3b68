namespace RdmaCollectives.Verbs;

/// <summary>
/// A verbs call failed, or a work request completed with an error. The message says what was tried on which object, the cause in words,
/// and what to do about it; the raw codes are kept beside it.
/// </summary>
public sealed class VerbsException : Exception
{
    private VerbsException(string message, string operation, string objectName, string? remedy)
        : base(message)
    {
        Operation = operation;
        ObjectName = objectName;
        Remedy = remedy;
    }

    /// <summary>The native call or the work request that failed, such as <c>ibv_create_qp</c>.</summary>
    public string Operation { get; }

    /// <summary>What it was done to, such as <c>queue pair 17 of rxe0</c>.</summary>
    public string ObjectName { get; }

    /// <summary>The C library's error number, or 0 when the failure is a completion status or has no number.</summary>
    public int ErrorNumber { get; private init; }

    /// <summary>The status of the failed completion, or null when a call failed.</summary>
    public CompletionStatus? Status { get; private init; }

    /// <summary>The device's own code for a failed completion; its meaning is in the vendor's manual.</summary>
    public uint VendorError { get; private init; }

    /// <summary>What to do, or null when nothing is known.</summary>
    public string? Remedy { get; }

    internal static VerbsException FromErrno(string call, object target, int error, string? remedy = null)
    {
        string name = target.ToString()!;
        remedy ??= Errno.Remedy(error);
        return new VerbsException(Join($"{call} on {name} failed: {Errno.Describe(error)}.", remedy), call, name, remedy) { ErrorNumber = error };
    }

    internal static VerbsException FromCompletion(CompletionStatus status, uint vendorError, string operation, string objectName)
    {
        Explanation why = status.Explain();
        string name = why.Name.Length == 0 ? "" : $", {why.Name}";
        string vendor = vendorError == 0 ? "" : $", vendor error 0x{vendorError:x}";
        string message = $"{operation} on {objectName} failed: {why.Meaning} (completion status {(int)status}{name}{vendor}).";
        return new VerbsException(Join(message, why.Advice), operation, objectName, why.Remedy) { Status = status, VendorError = vendorError };
    }

    internal static VerbsException FromText(string operation, string objectName, string message, string? remedy = null) =>
        new(Join(message, remedy), operation, objectName, remedy);

    private static string Join(string message, string? remedy) => string.IsNullOrEmpty(remedy) ? message : $"{message} {remedy}";
}
