using System.Xml.Linq;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Drawing;

namespace RdmaCollectives.Schedules.Tests.Drawing;

public sealed class ScheduleSvgTests
{
    [Fact]
    public void Draw_RingOnFourRanks_IsTheCommittedPicture() =>
        CommittedFile.AssertEqual("docs/images/ring-all-reduce-4.svg", ScheduleSvg.Draw(RingAllReduce.Instance, new Shape(4)));

    public static TheoryData<CollectiveKind, string, int, int> AllSorts()
    {
        var data = new TheoryData<CollectiveKind, string, int, int> { { CollectiveKind.AllReduce, "ring", 3, 2 } };
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            foreach (int ranks in (int[])[1, 4, 7])
            {
                data.Add(schedule.Collective, schedule.Name, ranks, 1);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(AllSorts))]
    public void Draw_AnyShape_HasABoxPerStepAndAnArrowPerMessage(CollectiveKind collective, string name, int ranks, int channels)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        var shape = new Shape(ranks, collective.IsRooted() ? ranks - 1 : 0, channels);
        Step[][] lanes = [.. Enumerable.Range(0, ranks * channels).Select(lane =>
            Enumerable.Range(0, schedule.StepCount(shape, lane / channels)).Select(index => schedule.GetStep(shape, lane / channels, index)).Where(step => step.Channel == lane % channels).ToArray())];

        XElement svg = XDocument.Parse(ScheduleSvg.Draw(schedule, shape)).Root!;

        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(
            lanes.Sum(static steps => steps.Where((step, i) => i == 0 || !GoesOn(steps[i - 1], step)).Count()),
            svg.Elements(ns + "text").Count(static text => text.Value.StartsWith("chunk", StringComparison.Ordinal) || text.Value.StartsWith("scratch", StringComparison.Ordinal)));
        Assert.Equal(lanes.Sum(static steps => steps.Count(static step => step.HasSend)), svg.Elements(ns + "path").Count(static path => path.Attribute("d")!.Value.Contains('C', StringComparison.Ordinal)));
        // Boxes lie inside the picture.
        int width = (int)svg.Attribute("width")!;
        int height = (int)svg.Attribute("height")!;
        Assert.All(svg.Elements(ns + "rect").Skip(1), rect =>
        {
            Assert.InRange((int)rect.Attribute("x")! + (int)rect.Attribute("width")!, 0, width);
            Assert.InRange((int)rect.Attribute("y")! + (int)rect.Attribute("height")!, 0, height);
        });
    }

    // Copies that follow each other between the same two buffers share a box.
    private static bool GoesOn(Step before, Step step) =>
        before.Kind == StepKind.Copy && step.Kind == StepKind.Copy && (before.Source, before.Destination) == (step.Source, step.Destination);
}
