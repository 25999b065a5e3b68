using System.Text;

namespace RdmaCollectives.Simulation.Faults;

/// <summary>How often each kind of fault was put at each kind of point of each class of code.</summary>
internal sealed class Coverage
{
    public static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();
    public static readonly PointKind[] Points = Enum.GetValues<PointKind>();
    public static readonly Activity[] Activities = Enum.GetValues<Activity>();

    /// <summary>All places, and "nothing" as often as any fault.</summary>
    public static readonly int Cells = Kinds.Length * Points.Length * Activities.Length;

    public int[] Hits { get; } = new int[Cells];

    public static (FaultKind Kind, PointKind Point, Activity Activity) CellOf(int cell) =>
        (Kinds[cell % Kinds.Length], Points[cell / Kinds.Length % Points.Length], Activities[cell / Kinds.Length / Points.Length]);

    public static int IndexOf(FaultKind kind, PointKind point, Activity activity) => (int)kind + (Kinds.Length * ((int)point + (Points.Length * (int)activity)));

    /// <summary>Why no fault of this kind can be put there; null where one can.</summary>
    public static string? WhyNever(FaultKind kind, PointKind point, Activity activity) => kind switch
    {
        FaultKind.None => "nothing is put",
        FaultKind.Cancel when activity != Activity.Queued => "only queued calls have a token",
        FaultKind.Abort or FaultKind.Cancel when activity == Activity.Create => "there is no communicator yet",
        FaultKind.Abort when activity == Activity.Dispose => "a communicator that is disposed is not aborted",
        _ => (point, activity) switch
        {
            (PointKind.Post, Activity.Create or Activity.Split or Activity.Shrink or Activity.Grow or Activity.Dispose) => "no message is sent",
            (PointKind.Poll, Activity.Dispose) => "nobody looks for a message",
            (PointKind.Idle, Activity.Create or Activity.Split or Activity.Shrink or Activity.Grow) => "waits are for the control plane",
            (PointKind.Await, Activity.Collective or Activity.Transfer or Activity.Group) => "waits are for messages",
            (PointKind.Await, Activity.Dispose) => "nothing is waited for",
            _ => null,
        },
    };

    public void Add(FaultPlan plan) => Hits[IndexOf(plan.Kind, plan.Point, plan.Activity)]++;

    /// <summary>The places that could be hit and were not.</summary>
    public IEnumerable<string> Missing()
    {
        for (int cell = 0; cell < Cells; cell++)
        {
            (FaultKind kind, PointKind point, Activity activity) = CellOf(cell);
            if (Hits[IndexOf(kind, point, activity)] == 0 && WhyNever(kind, point, activity) is null)
            {
                yield return $"{kind} at {point} in {activity}";
            }
        }
    }

    /// <summary>A table: points by class of code down, kinds of faults across.</summary>
    public string Table()
    {
        var text = new StringBuilder($"{"",-24}");
        foreach (FaultKind kind in Kinds[1..])
        {
            text.Append($"{kind,17}");
        }

        text.AppendLine();
        foreach (Activity activity in Activities)
        {
            foreach (PointKind point in Points)
            {
                text.Append($"{activity,-11}{point,-13}");
                foreach (FaultKind kind in Kinds[1..])
                {
                    int hits = Hits[IndexOf(kind, point, activity)];
                    text.Append($"{(hits == 0 && WhyNever(kind, point, activity) is not null ? "-" : hits.ToString(System.Globalization.CultureInfo.InvariantCulture)),17}");
                }

                text.AppendLine();
            }
        }

        return text.ToString();
    }
}
