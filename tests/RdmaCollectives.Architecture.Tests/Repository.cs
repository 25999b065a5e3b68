using System.Text.RegularExpressions;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>The checkout that the tests were built from, and what it ships.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", ".git", ".vs", ".idea", "BenchmarkDotNet.Artifacts"];
    private static readonly string[] TextFiles =
        [".cs", ".cake", ".sh", ".md", ".json", ".props", ".targets", ".csproj", ".sln", ".c", ".h", ".cu", ".py", ".fs", ".fsproj", ".txt", ".yml", ".yaml", ".editorconfig", ""];

    public static string Root { get; } = FindRoot();

    /// <summary>The text files that we write, relative to the root; build outputs are not among them.</summary>
    public static IEnumerable<string> Files => Walk(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file.FullName));

    /// <summary>The assemblies of src/ that .NET programs load, by their path beside the tests.</summary>
    public static IEnumerable<(string Project, string Path)> Assemblies =>
        from project in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let name = Path.GetFileNameWithoutExtension(project)
        where name != "RdmaCollectives.Native"
        let assembly = Regex.Match(File.ReadAllText(project), "(?<=<AssemblyName>).*(?=</AssemblyName>)") is { Success: true } match ? match.Value : name
        select (name, Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(file => TextFiles.Contains(file.Extension, StringComparer.Ordinal)))
            yield return file;
        foreach (var file in folder.EnumerateDirectories().Where(child => !NotOurs.Contains(child.Name, StringComparer.Ordinal)).SelectMany(Walk))
            yield return file;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RdmaCollectives.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no RdmaCollectives.sln above {AppContext.BaseDirectory}: run the tests from the checkout that built them");
    }
}
