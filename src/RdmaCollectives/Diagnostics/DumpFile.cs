using System.Globalization;

namespace RdmaCollectives.Diagnostics;

/// <summary>Where a dump lies, and how it gets there: a file that is there is whole, and readable by its owner alone.</summary>
internal static class DumpFile
{
    private const int LongestJob = 40;

    /// <summary><c>rdmacc-JOB-SCOPE-rankN.json</c>; what file names do not like in a job's name is a dash there.</summary>
    public static string NameOf(string job, ulong scope, int rank)
    {
        string name = string.Concat(job.Take(LongestJob).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'));
        return string.Create(CultureInfo.InvariantCulture, $"rdmacc-{(name.Length == 0 ? "job" : name)}-{scope:x}-rank{rank}.json");
    }

    /// <summary>Makes the directory, for its owner alone, unless it is there.</summary>
    public static void MakeDirectory(string directory) =>
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>Writes to a new file beside it, which then takes its name: no reader ever sees a part, and no link that someone has put there is followed.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string part = string.Create(CultureInfo.InvariantCulture, $"{path}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                write(file);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
