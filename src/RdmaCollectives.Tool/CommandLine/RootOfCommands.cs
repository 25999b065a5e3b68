using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RdmaCollectives.Tool.Commands;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary>The whole command line: one class per command.</summary>
internal static class RootOfCommands
{
    public static RootCommand Make()
    {
        var root = new RootCommand("Collective communication over RDMA, shared memory and TCP: measure it, launch programs that use it, see what this host has.")
        {
            PerfCommand.Make(), RunCommand.Make(), ScheduleCommand.Make(), InspectCommand.Make(), DevicesCommand.Make(), DoctorCommand.Make(), ConfigCommand.Make(), Verbosity.Option,
        };
        foreach (Option option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Action = new HelpWithExamples((HelpAction)help.Action!);
                    break;
                case VersionOption version:
                    version.Action = new ShowVersion();
                    break;
            }
        }

        return root;
    }

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ToolVersion.Text);
            return ExitCode.Success;
        }
    }
}
