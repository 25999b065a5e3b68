namespace RdmaCollectives.Tool.Doctor;

/// <summary>Where the kernel shows the control group of this process (cgroups(7)): the directories from its own up to the root, of the second version or of one controller of the first.</summary>
internal static class ControlGroup
{
    private const string Own = "/proc/self/cgroup";

    /// <param name="host">The host.</param>
    /// <param name="controller">The controller of the first version, such as cpu.</param>
    public static IEnumerable<string> Directories(HostView host, string controller)
    {
        foreach (string[] mount in host.Lines("/proc/self/mounts").Select(line => line.Split(' ')).Where(words => words.Length >= 4))
        {
            bool isSecond = mount[2] == "cgroup2";
            if (!isSecond && !(mount[2] == "cgroup" && mount[3].Split(',').Contains(controller, StringComparer.Ordinal)))
            {
                continue;
            }

            string path = host.Lines(Own).Select(line => line.Split(':', 3)).FirstOrDefault(words => words.Length == 3 && (isSecond ? words[0] == "0" : words[1].Split(',').Contains(controller, StringComparer.Ordinal)))?[2] ?? "/";

            // In a container the path may be that of the host, of which nothing is mounted here: then the mount itself is the group.
            for (string part = path.TrimEnd('/'); part.Length > 0; part = part[..part.LastIndexOf('/')])
            {
                if (host.Exists(mount[1] + part))
                {
                    yield return mount[1] + part;
                }
            }

            yield return mount[1];
        }
    }
}
