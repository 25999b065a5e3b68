namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>Walks through every state that a modelled program can reach, each once.</summary>
internal sealed class Explorer
{
    private readonly HashSet<UInt128> _seen = [];
    private readonly HashSet<Site> _sites = [];
    private readonly Site? _weakened;

    private Explorer(Site? weakened) => _weakened = weakened;

    /// <param name="StateCount">States that were reached.</param>
    /// <param name="Violation">What went wrong in the first bad state, or null.</param>
    /// <param name="Sites">Operations of the code under test that were reached.</param>
    internal sealed record Outcome(int StateCount, string? Violation, IReadOnlySet<Site> Sites);

    /// <param name="locationCount">Words of memory, all 0 at first.</param>
    /// <param name="actors">The threads.</param>
    /// <param name="weakened">The site that does less than its code says, or null.</param>
    /// <param name="cancellation">The deadline.</param>
    public static Outcome Explore(int locationCount, Actor[] actors, Site? weakened, CancellationToken cancellation)
    {
        var explorer = new Explorer(weakened);
        string? violation = explorer.Run(new ModelState(locationCount, actors), cancellation);
        return new Outcome(explorer._seen.Count, violation, explorer._sites);
    }

    private string? Run(ModelState initial, CancellationToken cancellation)
    {
        var open = new Stack<ModelState>();
        for (int thread = 0; thread < initial.Actors.Length; thread++)
        {
            Advance(initial, thread);
        }

        _seen.Add(initial.Hash());
        open.Push(initial);
        while (open.TryPop(out ModelState? state))
        {
            cancellation.ThrowIfCancellationRequested();
            if (state.Actors.Select(static actor => actor.Violation).FirstOrDefault(static violation => violation is not null) is { } found)
            {
                return found;
            }

            bool isStuck = true;
            for (int thread = 0; thread < state.Actors.Length; thread++)
            {
                int choiceCount = state.ChoiceCount(thread);
                for (int choice = 0; choice < choiceCount; choice++)
                {
                    isStuck = false;
                    ModelState next = state.Copy();
                    next.Apply(thread, choice);
                    Advance(next, thread);
                    if (_seen.Add(next.Hash()))
                    {
                        open.Push(next);
                    }
                }
            }

            if (isStuck && state.Actors.Any(static actor => !actor.IsDone))
            {
                return "everybody who is not done sleeps, and nobody will wake them";
            }
        }

        return null;
    }

    /// <summary>Runs a thread to its next operation, through the ends of calls that need none.</summary>
    private void Advance(ModelState state, int thread)
    {
        while (true)
        {
            state.Pending[thread] = null;
            if (state.Actors[thread].IsDone || state.Actors[thread].Violation is not null)
            {
                return;
            }

            Actor attempt = state.Actors[thread].Snapshot();
            var replay = new Replay(state.Results[thread], _weakened, _sites);
            ModelMemory.Current = replay;
            attempt.Step(replay);
            if (replay.IsStopped)
            {
                state.Pending[thread] = replay.Pending;
                return;
            }

            state.Actors[thread] = attempt;
            state.Results[thread].Clear();
        }
    }
}
