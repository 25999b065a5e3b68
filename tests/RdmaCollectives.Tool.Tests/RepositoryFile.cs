namespace RdmaCollectives.Tool.Tests;

/// <summary>A file of the checkout that these tests were built in.</summary>
internal static class RepositoryFile
{
    public static string Find(string name)
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException(name);
    }
}
