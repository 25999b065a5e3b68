using RdmaCollectives;
using RdmaCollectives.Worker;

// One rank. It joins by its environment, says "ready <transports>", then answers every line of standard input by one line: "ok ..." or "fail <type>: <message>".
// "quit" ends it. A failure to join is "fail ..." and exit code 1.
Console.Out.NewLine = "\n";
ForbiddenCalls.Apply();
using var warnings = new WarningLog();
Communicator communicator;
try
{
    communicator = await Communicator.CreateAsync(new CommunicatorOptions { LoggerFactory = warnings });
}
catch (Exception error)
{
    Console.WriteLine(Answer.Failure(error));
    return 1;
}

Console.WriteLine("ready " + Answer.OneLine(string.Join(" | ", communicator.Transports)));
var commands = new NamedCommunicators(communicator);
while (Console.ReadLine() is { } line && line != "quit")
{
    try
    {
        Console.WriteLine("ok " + Answer.OneLine(line == "warnings" ? $"{warnings}" : commands.Run(line)));
    }
    catch (Exception error)
    {
        Console.WriteLine(Answer.Failure(error));
    }
}

commands.Dispose();
return 0;
