using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

public sealed class ScratchHarness
{
    [Fact]
    public void All()
    {
        string only = Environment.GetEnvironmentVariable("ONLY") ?? "";
        int max = int.Parse(Environment.GetEnvironmentVariable("MAXR") ?? "20", null);
        foreach (ISchedule s in ScheduleCatalog.All.Where(x => only.Length == 0 || $"{x.Collective}/{x.Name}".Contains(only, StringComparison.Ordinal)))
        {
            int failures = 0, shapes = 0;
            string credits = "";
            var watch = System.Diagnostics.Stopwatch.StartNew();
            bool rooted = s.Collective is CollectiveKind.Reduce or CollectiveKind.Broadcast;
            bool hosts = s.Name is "two-level" or "by-rail";
            for (int n = 1; n <= max; n++)
            {
                foreach (int c in n < 10 ? new[] { 1, 2, 3 } : [1])
                {
                    for (int root = 0; root < (rooted ? n : 1); root++)
                    {
                        for (int l = 1; l <= (hosts ? n : 1); l++)
                        {
                            if (n % l != 0)
                            {
                                continue;
                            }

                            var shape = new Shape(n, root, c, l);
                            shapes++;
                            try
                            {
                                ScheduleReport r = ScheduleVerifier.Verify(s, shape);
                                if (r.LeastCredits != s.MinimumCredits(shape))
                                {
                                    credits += $" {n}/{root}/{c}/{l}:{r.LeastCredits}";
                                }
                            }
                            catch (Exception e)
                            {
                                if (failures++ < 2)
                                {
                                    Console.WriteLine($"FAIL {s.Collective}/{s.Name} {shape}: {e.Message}");
                                }
                            }
                        }
                    }
                }
            }

            Console.WriteLine($"{s.Collective}/{s.Name}: {shapes} shapes, {failures} failures, {watch.Elapsed.TotalSeconds:F1} s; credits{credits[..Math.Min(3000, credits.Length)]}");
        }
    }

    [Fact]
    public void Big()
    {
        string only = Environment.GetEnvironmentVariable("ONLY") ?? "";
        foreach (ISchedule s in ScheduleCatalog.All.Where(x => only.Length == 0 || $"{x.Collective}/{x.Name}".Contains(only, StringComparison.Ordinal)))
        {
            bool square = s.Name is "all-pairs" or "direct" or "direct-fixed" && s.Collective == CollectiveKind.AllReduce;
            var shape = new Shape(square ? 1000 : 10000, s.Collective is CollectiveKind.Reduce or CollectiveKind.Broadcast ? 77 : 0, 1, s.Name is "two-level" or "by-rail" ? 8 : 1);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            try
            {
                ScheduleReport r = ScheduleVerifier.Verify(s, shape);
                Console.WriteLine($"{s.Collective}/{s.Name}: {watch.Elapsed.TotalSeconds:F1} s credits {r.LeastCredits} {s.MinimumCredits(shape)} hops {r.Hops} steps {r.Steps} volume {r.VolumePerRank}");
            }
            catch (Exception e)
            {
                Console.WriteLine($"FAIL {s.Collective}/{s.Name} {shape}: {e.Message}");
            }
        }
    }
}
