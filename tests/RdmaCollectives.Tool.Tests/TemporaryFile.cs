namespace RdmaCollectives.Tool.Tests;

/// <summary>A name that nobody else has; the file, if one was made, goes with it.</summary>
internal sealed class TemporaryFile(string extension) : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"rdmacc-test-{Guid.NewGuid():N}{extension}");

    public void Dispose() => File.Delete(Path);
}
