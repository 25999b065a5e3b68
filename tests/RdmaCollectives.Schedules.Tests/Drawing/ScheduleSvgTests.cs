using System.Xml.Linq;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Drawing;

namespace RdmaCollectives.Schedules.Tests.Drawing;

public sealed class ScheduleSvgTests
{
    [Fact]
    public void Draw_RingOnFourRanks_IsTheCommittedPicture() =>
        CommittedFile.AssertEqual("docs/images/ring-all-reduce-4.svg", ScheduleSvg.Draw(RingAllReduce.Instance, new Shape(4)));

    [Theory]
    [InlineData("ring", 1, 1)]
    [InlineData("ring", 4, 1)]
    [InlineData("ring", 3, 2)]
    [InlineData("ring", 9, 1)]
    [InlineData("direct", 2, 1)]
    [InlineData("direct", 7, 1)]
    public void Draw_AnyShape_HasABoxPerStepAndAnArrowPerMessage(string name, int ranks, int channels)
    {
        ISchedule schedule = AllSchedules.ByName(name);
        var shape = new Shape(ranks, Channels: channels);
        Step[] steps = [.. Enumerable.Range(0, ranks).SelectMany(rank => Enumerable.Range(0, schedule.StepCount(shape, rank)).Select(index => schedule.GetStep(shape, rank, index)))];

        XElement svg = XDocument.Parse(ScheduleSvg.Draw(schedule, shape)).Root!;

        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(steps.Length, svg.Elements(ns + "text").Count(static text => text.Value.StartsWith("chunk ", StringComparison.Ordinal)));
        Assert.Equal(steps.Count(static step => step.HasSend), svg.Elements(ns + "path").Count(static path => path.Attribute("d")!.Value.Contains('C', StringComparison.Ordinal)));
        // Boxes lie inside the picture.
        int width = (int)svg.Attribute("width")!;
        int height = (int)svg.Attribute("height")!;
        Assert.All(svg.Elements(ns + "rect").Skip(1), rect =>
        {
            Assert.InRange((int)rect.Attribute("x")! + (int)rect.Attribute("width")!, 0, width);
            Assert.InRange((int)rect.Attribute("y")! + (int)rect.Attribute("height")!, 0, height);
        });
    }
}
