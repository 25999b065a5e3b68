// What the user asked for, apart from what Cake says about itself: descriptor 3, which build.sh makes its stdout.
// Where it is closed (Cake started by hand) the words go to stdout with Cake's.
using System.Runtime.InteropServices;

public static class Native
{
    [DllImport("libc", SetLastError = true)]
    public static extern int fcntl(int descriptor, int command, int argument);

    [DllImport("libc", SetLastError = true)]
    public static extern int kill(int process, int signal);

    [DllImport("libc", SetLastError = true)]
    public static extern nint write(int descriptor, byte[] bytes, nint count);
}

public sealed class Output
{
    private const int Descriptor = 3, SetDescriptorFlags = 2, CloseOnExec = 1;

    // Not for the processes that we start: one that lives on would hold the reader of our stdout.
    private readonly bool isOpen = Native.fcntl(Descriptor, SetDescriptorFlags, CloseOnExec) == 0;

    public void WriteLine(string line = "")
    {
        if (!isOpen)
        {
            Console.WriteLine(line);
            return;
        }

        // write(2) and not a FileStream, which keeps a file position of its own: who writes to the same file after us would overwrite our words.
        var bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
        while (bytes.Length > 0)
        {
            var written = (int)Native.write(Descriptor, bytes, bytes.Length);
            if (written < 0)
                throw new IOException($"stdout cannot be written (errno {Marshal.GetLastWin32Error()})");
            bytes = bytes[written..];
        }
    }
}

var Out = new Output();
